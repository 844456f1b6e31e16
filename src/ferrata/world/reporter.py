"""How a long command tells what it is doing, and asks.

A step is one line of the story ("Observe one run"); a detail is what it is at right now; done says what it found.
Progress goes to standard error, so that standard output holds the result alone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from ferrata.records.amount import elapsed

__all__ = ["PlainReporter", "RecordingReporter", "Reporter", "elapsed"]


class Reporter(Protocol):
    def step(self, name: str) -> None:
        """A step begins; the one before it, if it is still open, has ended."""

    def detail(self, text: str) -> None:
        """What the open step is doing, or has just seen."""

    def done(self, text: str) -> None:
        """The open step ended, with this result."""

    def note(self, text: str) -> None:
        """Something that ended while the step goes on; it stays on the screen."""

    def question(self, text: str, choices: Sequence[str], default: str) -> str:
        """The user's choice; the default where nobody can be asked."""

    def close(self) -> None:
        """Leave the terminal as it was; safe to call twice."""


COUNT = re.compile(r"\d+")
"""What changes in "12 of 300" while the words stay."""


class PlainReporter:
    """One line per event, for logs, pipes and `--json`; never asks. Of a count that goes up, one line a second: a log is read later."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._name = ""
        self._started = 0.0
        self._last_detail, self._told = "", 0.0

    def step(self, name: str) -> None:
        if self._name:
            self.done("")
        self._name, self._started, self._last_detail = name, self._clock(), ""
        self._write(f"{name} …")

    def detail(self, text: str) -> None:
        now, is_counting = self._clock(), COUNT.sub("", text) == COUNT.sub("", self._last_detail)
        if text == self._last_detail or (is_counting and now - self._told < 1):
            return
        self._last_detail, self._told = text, now
        self._write(f"  {text}")

    def done(self, text: str) -> None:
        result = f": {text}" if text else ""
        self._write(f"  done in {elapsed(self._clock() - self._started)}{result}")
        self._name = ""

    def note(self, text: str) -> None:
        self._write(f"  {text}")

    def question(self, text: str, choices: Sequence[str], default: str) -> str:
        self._write(f"  {text} ({' / '.join(choices)}) taking: {default}")
        return default

    def close(self) -> None:
        pass

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


@dataclass
class RecordingReporter:
    """Keeps every event as (kind, text), for tests; `answers` maps a question to its answer."""

    answers: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.events.append(("step", name))

    def detail(self, text: str) -> None:
        self.events.append(("detail", text))

    def done(self, text: str) -> None:
        self.events.append(("done", text))

    def note(self, text: str) -> None:
        self.events.append(("note", text))

    def question(self, text: str, choices: Sequence[str], default: str) -> str:
        self.events.append(("question", text))
        return self.answers.get(text, default)

    def close(self) -> None:
        self.events.append(("close", ""))
