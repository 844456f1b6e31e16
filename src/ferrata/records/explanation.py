"""Why two runs give different results: what differs in the way of running, what a trial of each difference showed, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from ferrata.records.proof import Comparison

BUDGET = 15.0  # minutes


@dataclass(frozen=True)
class WhyRequest:
    """`result` is "" for the determinism check of the project; `budget` in minutes."""

    result: str = ""
    against: str = ""
    budget: float = BUDGET


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in two runs. `factor` is a stable word, `name` says which, `here` and `there` what it is on each side.

    `why_not` says why no trial can swap it; `payload` is what its factor needs for a trial. `is_uncommitted`: it is a file of no commit.
    `place` and `line` are where to look.
    """

    factor: str
    name: str
    here: str = ""
    there: str = ""
    why_not: str = ""
    payload: Any = field(default=None, compare=False)
    place: str = ""
    line: int = 0
    is_uncommitted: bool = False
    todo: str = ""


class Effect(str, Enum):
    """What a trial of one difference showed."""

    WHOLE = "causes the whole difference"
    PART = "causes part of it"
    NONE = "no effect"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Verdict:
    """Of one difference, or of several that act only together. `share` is the part of the way from here to there, where scores say one;
    `obtained` are the scores of the trial."""

    differences: tuple[Difference, ...]
    effect: Effect
    share: float | None = None
    obtained: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    todo: str = ""


@dataclass(frozen=True)
class Parting:
    """Where two runs first part. `cleared` are the stages before; `where` names the column, tensor or row, where it could be looked at."""

    stage: str = ""
    place: str = ""
    where: str = ""
    cleared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Noise:
    """What repeated runs of the same gave: `runs` of them, the lowest and highest of each score that moved; `sources` make it differ."""

    runs: int
    spread: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    sources: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class Seeded:
    """What other seeds gave of a mere number: lowest and highest of each score over `runs` of them and the base.

    `reach` says of each where the number lies: `within`, `near` (a further seed could give it, at a level of 99 %),
    `outside`; `still` where seeds move nothing.
    """

    parameters: tuple[str, ...]
    runs: int
    spread: Mapping[str, tuple[Any, Any]]
    reach: Mapping[str, str]


@dataclass(frozen=True)
class Explanation:
    """`outcome`: `same`, `explained`, `partly`, `unexplained`, `noise`, `stale`; without a partner `deterministic` or `not-deterministic`.

    `unexplained` says what no trial could give, `ask` what to ask somebody else for; `notes` are sentences worth knowing;
    `stopped` says why trials ended early.
    """

    project: Path
    outcome: str
    here: str
    there: str = ""
    scores: tuple[Comparison, ...] = ()
    parting: Parting | None = None
    verdicts: tuple[Verdict, ...] = ()
    noise: Noise | None = None
    unexplained: str = ""
    ask: str = ""
    seeded: Seeded | None = None
    notes: tuple[str, ...] = ()
    trials: int = 0
    seconds: float = 0.0
    stopped: str = ""

    @property
    def causes(self) -> tuple[Verdict, ...]:
        return tuple(each for each in self.verdicts if each.effect in (Effect.WHOLE, Effect.PART))
