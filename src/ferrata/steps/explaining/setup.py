"""What one trial runs with: a copy of the files, packages, variables and shims, before and after differences are swapped in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ferrata.records.side import Side


class CannotSwap(Exception):
    """Why a difference cannot be put into a trial, in a few words."""


@dataclass
class Setup:
    """`folder` is the trial's own copy, which a swap may change. `variables` are laid over those of a stage; None takes one away.

    `shims` are settings of `observer/trial/sitecustomize.py`; `place` is where the copy stands, for projects whose results depend on it.
    """

    folder: Path
    here: Side
    there: Side
    packages: dict[str, str] = field(default_factory=dict)
    python: str = ""
    variables: dict[str, str | None] = field(default_factory=dict)
    shims: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conditions:
    """What a trial is given beside differences: fixed hash seed, other place, traced reads …"""

    variables: tuple[tuple[str, str | None], ...] = ()
    shims: tuple[tuple[str, Any], ...] = ()
    place: str = "project"

    def merged(self, other: Conditions) -> Conditions:
        place = other.place if other.place != "project" else self.place
        return replace(self, variables=(*self.variables, *other.variables), shims=(*self.shims, *other.shims), place=place)


@dataclass(frozen=True)
class Obtained:
    """What a trial gave. `failed` is why it came to no end; `digests` are MD5s of results by place, `trace` what was read of the world outside."""

    scores: dict[str, Any] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    failed: str = ""
    seconds: float = 0.0
    trace: tuple[dict[str, Any], ...] = ()
