"""The project that is written or read: its stages and what they hand to each other, as `dvc.yaml` says it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ParamsFile:
    """What a stage reads in a file of parameters: dotted keys, or the whole file where there are none."""

    path: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One entry of `dvc.yaml`, templates resolved. Paths are written with `/`, relative to `wdir`, which is relative to the project.

    `params` are dotted keys of `params.yaml` ("split.seed"), `params_files` other files or the whole of one. `outs` go to the cache and are ignored by
    Git; `kept`, `metrics` and `plots` stay in Git (`cache: false`), but for those in `stored`. `persistent` results are not removed before the command
    runs. `commands` is there when `dvc.yaml` gives a list; `command` is then its text. `variables` are environment variables that the stage's results
    depend on, `passed` those it is only given (`meta: {env: […], pass_env: […]}`). `unpushed` and `remotes` are for `push`.
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
    params_files: tuple[ParamsFile, ...] = ()
    commands: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    persistent: tuple[str, ...] = ()
    wdir: str = ""
    is_frozen: bool = False
    is_always_changed: bool = False
    variables: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    unpushed: tuple[str, ...] = ()
    remotes: tuple[tuple[str, str], ...] = ()

    @property
    def results(self) -> tuple[str, ...]:
        """Every path the stage writes."""
        return (*self.outs, *self.kept, *self.metrics, *self.plots)

    @property
    def cached(self) -> tuple[str, ...]:
        """The results that go to the cache."""
        return (*self.outs, *self.stored)

    @property
    def sources(self) -> tuple[ParamsFile, ...]:
        """Every file of parameters, `params.yaml` first, the others by name."""
        first = (ParamsFile("params.yaml", self.params),) if self.params else ()
        others = sorted(self.params_files, key=lambda file: file.path)
        return (*first, *sorted(others, key=lambda file: file.path != "params.yaml"))

    @property
    def is_callback(self) -> bool:
        """It declares nothing, so that nothing can say that it need not run."""
        return not (self.deps or self.sources or self.results)

    def place(self, path: str) -> str:
        """A path of this stage, relative to the project."""
        return posixpath.normpath(posixpath.join(self.wdir, path))


def results_of(stages: Iterable[Stage]) -> set[str]:
    """Every place that a stage writes, relative to the project."""
    return {stage.place(path) for stage in stages for path in stage.results}


def is_within(place: str, folder: str) -> bool:
    """Whether it is this place, or lies below it."""
    return place == folder or place.startswith(f"{folder}/")


def overlap(place: str, other: str) -> bool:
    """Whether one is the other, or lies below it."""
    return is_within(place, other) or is_within(other, place)


@dataclass(frozen=True)
class Project:
    """`data` are the raw files and folders tracked by hash (a `.dvc` file each)."""

    name: str
    stages: tuple[Stage, ...]
    data: tuple[str, ...] = ()
    folder: Path = Path(".")
