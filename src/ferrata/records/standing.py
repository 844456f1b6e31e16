"""Where a folder stands on the path from a notebook to a proved project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ferrata.records.run import Change

KEPT_DAYS = 14  # what an unfinished command left, after its last use


@dataclass(frozen=True)
class StageStanding:
    """`reason` says why the stage has to run again; "" when its results are those of its inputs.

    `changes` are its parts. `after`: stages that must run first and may change what this one reads. `to_restore`: results that `ferrata run` takes from
    the cache.
    """

    name: str
    command: str
    reason: str = ""
    changes: tuple[Change, ...] = ()
    after: tuple[str, ...] = ()
    to_restore: tuple[str, ...] = ()
    is_frozen: bool = False


@dataclass(frozen=True)
class ProofStanding:
    """What `evidence/` says: `file` relative to the project, `level` as it is written there, how many scores and rows were compared."""

    file: str
    subject: str
    level: str
    scores: int
    rows: int


@dataclass(frozen=True)
class Leftover:
    """Something of ours that can be removed; `days` since it was last used."""

    path: Path
    days: float


@dataclass(frozen=True)
class Standing:
    """`project` is the root of the project that `folder` is in, None where there is none; then `notebooks` are those found in `folder`.

    `changed` counts files that differ from the last commit, None where Git cannot say.
    """

    folder: Path
    project: Path | None = None
    notebooks: tuple[Path, ...] = ()
    stages: tuple[StageStanding, ...] = ()
    proofs: tuple[ProofStanding, ...] = ()
    changed: int | None = None
    leftovers: tuple[Leftover, ...] = ()
