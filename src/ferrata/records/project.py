"""The project that is written: its stages and what they hand to each other, as `dvc.yaml` will say it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stage:
    """One entry of `dvc.yaml`. Paths are relative to the project and written with `/`.

    `params` are dotted keys of `params.yaml` ("split.seed"); `outs` go to the cache and are ignored by Git; `kept`, `metrics` and `plots` stay in
    Git (`cache: false`).
    """

    name: str
    command: str
    deps: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    description: str = ""
    kept: tuple[str, ...] = ()

    @property
    def results(self) -> tuple[str, ...]:
        """Every path the stage writes."""
        return (*self.outs, *self.kept, *self.metrics, *self.plots)


@dataclass(frozen=True)
class Project:
    """`data` are the raw files and folders tracked by hash (a `.dvc` file each)."""

    name: str
    stages: tuple[Stage, ...]
    data: tuple[str, ...] = ()
    folder: Path = Path(".")
