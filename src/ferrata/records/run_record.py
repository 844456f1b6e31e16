"""What is kept of a run: where it ran from, with what, on what, and what it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
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
    files: dict[str, str] = field(default_factory=dict)
    results: dict[str, dict[str, str]] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str | None] = field(default_factory=dict)
    named: dict[str, str | None] = field(default_factory=dict)
    listings: dict[str, list[int]] = field(default_factory=dict)


def record_of(content: Mapping[str, Any]) -> RunRecord:
    """Of a record as its JSON says it; what older ones do not have stays empty. KeyError and TypeError for what is none."""
    needed = {"id", "started", "seconds", "outcome"}
    return RunRecord(**{field.name: content[field.name] for field in fields(RunRecord) if field.name in content or field.name in needed})
