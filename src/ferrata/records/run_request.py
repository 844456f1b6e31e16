"""What `ferrata run` was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RunRequest:
    """`stages` are names, none for all; `settings` as typed (`train.max_depth=8`); `jobs` is how many stages may run at once, 0 for one a core."""

    stages: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    jobs: int = 0
    is_forced: bool = False
    is_dry_run: bool = False
