"""One thing to tell the author about their notebook."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`code` is stable ("F101"), `name` its slug ("fitted-before-split"); `certain`: `sure` or `likely`; `cell` 0 when it is about the whole notebook."""

    code: str
    name: str
    cell: int
    line: int
    what: str
    why: str
    todo: str
    certain: str = "sure"
