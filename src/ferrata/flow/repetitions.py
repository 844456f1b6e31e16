"""The pipeline of one version again with other seeds, several at once, in copies of where it lies; and what hangs on each seed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.flow.versions import Versions
from ferrata.records.evidence import Side, Version
from ferrata.records.project import Stage
from ferrata.steps.repeating.copies import copy_of, run_with
from ferrata.steps.repeating.seeds import other_values
from ferrata.world.reporter import Reporter


class Repetitions:
    """`folder` is where the version lies, `place` a folder for the copies, `jobs` how many run at once (0: one a core)."""

    def __init__(self, folder: Path, stages: Sequence[Stage], versions: Versions, place: Path, jobs: int, reporter: Reporter) -> None:
        self.folder, self.stages, self.versions, self.place, self.reporter = folder, stages, versions, place, reporter
        self.jobs = jobs or _cores()
        self._count = 0

    def kinds(self, parameters: Mapping[str, int], recorded: Side) -> dict[str, list[str]]:
        """One repetition for each seed alone tells what hangs on it: `split` (the test rows), `training`, `still` (nothing), or `failed`."""
        kinds: dict[str, list[str]] = {}
        sides = self.sides([other_values({name: value}, 1) for name, value in parameters.items()], "Find out what hangs on each seed")
        for name, side in zip(parameters, sides, strict=True):
            kinds.setdefault("failed" if side is None else _kind(recorded, side), []).append(name)
        return kinds

    def sides(self, settings: Sequence[Sequence[str]], title: str) -> list[Side | None]:
        """What each setting gives; None where the pipeline stops."""
        self.reporter.step(title)
        with ThreadPoolExecutor(self.jobs) as pool:
            sides = list(pool.map(self._one, settings))
        self.reporter.done(f"{sum(side is not None for side in sides)} of {len(sides)}")
        return sides

    def _one(self, settings: Sequence[str]) -> Side | None:
        from ferrata.steps.comparing.sides import read_side

        self._count += 1
        folder = copy_of(self.folder, self._folder(f"copy{self._count}-{abs(hash((self.folder, tuple(settings)))) % 10**8}"))
        outcome = run_with(folder, settings)
        self.reporter.note(f"{'✓' if outcome.status == 0 else '✗'} {', '.join(settings)}")
        if outcome.status != 0:
            return None
        return read_side(folder, self.stages, Version(", ".join(settings)), python=self.versions.python, scratch=self._folder(f"{folder.name}-read"))

    def _folder(self, name: str) -> Path:
        (self.place / name).mkdir()
        return self.place / name


def has_same_rows(one: Side, other: Side) -> bool:
    """Whether both were tested on the same rows, in the same order."""
    names = [name for name in ("row", "content", "truth") if name in one.columns and name in other.columns]
    return all(one.columns[name].tolist() == other.columns[name].tolist() for name in names)


def no_seed() -> ProjectError:
    todo = "Make the seed of the split and of the training parameters (seed, random_state) in params.yaml, and read them in the code."
    return ProjectError("No parameter of the pipeline is a seed, so that nothing here says what chance decides", where="params.yaml", todo=todo)


def _kind(recorded: Side, other: Side) -> str:
    if not has_same_rows(recorded, other):
        return "split"
    chances = [[column.tolist() for name, column in side.columns.items() if name.startswith("probability ")] for side in (recorded, other)]
    is_still = recorded.columns["prediction"].tolist() == other.columns["prediction"].tolist() and chances[0] == chances[1]
    return "still" if is_still else "training"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
