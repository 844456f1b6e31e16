"""An outside program's command as data, before it becomes an action."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """`arguments` is the exact argument list; `environment` is laid over a clean base (see `world.process`); `why` is what progress shows."""

    arguments: tuple[str, ...]
    folder: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    why: str = ""
    timeout: float | None = None


@dataclass(frozen=True)
class Outcome:
    command: Command
    status: int
    output: str
    error: str
    seconds: float
    timed_out: bool = False
