"""What is kept of a run: where it ran from, with what, on what, and what it gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RunRecord:
    """What `.ferrata/runs/` keeps of a run, as its JSON says it. docs/run.md describes the keys."""

    id: str
    started: str
    seconds: float
    outcome: str
    commit: str = ""
    branch: str = ""
    uncommitted: dict[str, Any] = field(default_factory=dict)
    stages: list[dict[str, Any]] = field(default_factory=list)
    params: dict[str, dict[str, Any]] = field(default_factory=dict)
    seeds: dict[str, Any] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    lock: str = ""
    machine: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
