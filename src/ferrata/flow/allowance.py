"""How long the search for a prediction function may take: some runs of the notebook, never hours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# Following watches every expression, so one run of it takes longer than the notebook; a few seconds of a start are beside the point.
LEAST_ALL, LEAST_ONE = 600.0, 180.0
RUNS_ALL, RUNS_ONE = 5.0, 3.0


@dataclass
class Allowance:
    """`notebook`: the seconds that one run of the notebook took; `most`: those that the user allows one run."""

    notebook: float
    most: float
    clock: Callable[[], float] = field(default=time.monotonic)
    spent: float = 0.0

    @property
    def whole(self) -> float:
        return LEAST_ALL + RUNS_ALL * self.notebook

    @property
    def one(self) -> float:
        """The seconds that the next run may take."""
        return max(0.0, min(self.most, LEAST_ONE + RUNS_ONE * self.notebook, self.whole - self.spent))

    @property
    def is_over(self) -> bool:
        return self.one <= 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        started = self.clock()
        try:
            yield
        finally:
            self.spent += self.clock() - started

    def said(self) -> str:
        """Why nothing more is tried, as half a sentence."""
        return f"the time for this is over: {self.spent:.0f} s, where one run of the notebook takes {self.notebook:.0f} s"
