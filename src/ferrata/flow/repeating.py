"""Noise: which parameters are seeds → the pipeline with other ones, in copies → how much the scores move → page."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrata.errors import OutsideError, ProjectError
from ferrata.flow.comparing import here
from ferrata.flow.versions import Versions
from ferrata.records.evidence import Matched, Measured, Moved, NoiseRequest, Side, Version
from ferrata.steps.repeating.copies import copy_of, run_with
from ferrata.steps.repeating.seeds import other_values, seed_parameters
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.world.disk import project_disk_errors, write_whole
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch

if TYPE_CHECKING:
    from ferrata.records.page import Page

_PREFIX = "ferrata-noise-"
FILE = "evidence/noise.json"


def noise(request: NoiseRequest, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """How much the scores move when only chance changes.

    ProjectError where nothing that chance hangs on is a parameter, or the results are not those of the working tree; OutsideError where every repetition fails.
    """
    from ferrata.pages.noise import noise_page

    project = here(folder)
    with project_disk_errors(project), scratch(_PREFIX, away_from=project) as place:
        measured = _Story(project, request, place, reporter).told()
    page = noise_page(measured)
    write_whole(project / FILE, (json.dumps(asdict(measured), indent=1) + "\n").encode())
    return page


def known_noise(project: Path) -> tuple[dict[str, float], str]:
    """(the deviation of each score over trainings on the same test rows, what measured it), as the project keeps it; nothing where it does not."""
    from ferrata.statistics.repeated import spread

    try:
        found: Any = json.loads((project / FILE).read_text(encoding="utf-8"))
        training = next(each for each in found["moved"] if each["kind"] == "training")
        deviations = {name: spread(values).deviation for name, values in training["scores"].items() if len(values) > 2}
        return deviations, f"`{FILE}` ({len(next(iter(training['scores'].values())))} trainings of {found['commit'][:7]})"
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return {}, ""


class _Story:
    def __init__(self, project: Path, request: NoiseRequest, place: Path, reporter: Reporter) -> None:
        self.project, self.request, self.place, self.reporter = project, request, place, reporter
        self.stages = read_pipeline(project)
        self.versions = Versions(project, place, reporter)
        self.count = 0

    def told(self) -> Measured:
        parameters = seed_parameters(self.project, self.stages)
        if not parameters:
            todo = "Make the seed of the split and of the training parameters (seed, random_state) in params.yaml, and read them in the code."
            raise ProjectError("No parameter of the pipeline is a seed, so that nothing here says what chance decides", where="params.yaml", todo=todo)
        recorded = self.versions.read("", is_second=True)
        kinds = self._kinds(parameters, recorded)
        moved = [self._moved(kind, {name: parameters[name] for name in names}, recorded) for kind, names in kinds.items() if kind != "still"]
        return Measured(self.project.name, recorded.version.commit, tuple(moved), tuple(kinds.get("still", ())), self._scores(recorded)[0])

    def _kinds(self, parameters: Mapping[str, int], recorded: Side) -> dict[str, list[str]]:
        """One repetition for each seed alone tells what hangs on it: the test rows, the training, or nothing."""
        kinds: dict[str, list[str]] = {}
        sides = self._repeat([other_values({name: value}, 1) for name, value in parameters.items()], "Find out what hangs on each seed")
        for name, side in zip(parameters, sides, strict=True):
            kind = "failed" if side is None else _kind(recorded, side)
            kinds.setdefault(kind, []).append(name)
        if set(kinds) == {"failed"}:
            todo = "Run it once yourself with another seed, such as ferrata run --set " + next(iter(other_values(parameters, 1)))
            raise OutsideError("The pipeline stops with other seeds", where="ferrata run", todo=todo)
        return {kind: kinds[kind] for kind in ("training", "split", "still") if kind in kinds}

    def _moved(self, kind: str, parameters: Mapping[str, int], recorded: Side) -> Moved:
        from ferrata.statistics.repeated import spread

        title = "Train again with other seeds" if kind == "training" else "Train again on other splits"
        sides = self._repeat([other_values(parameters, number) for number in range(1, self.request.seeds + 1)], title)
        done = [side for side in sides if side is not None]
        values = [self._values(side) for side in (recorded, *done)]
        scores = {name: tuple(each[name] for each in values if name in each) for name in self._scores(recorded)[1]}
        spreads = {name: spread(each) for name, each in scores.items() if len(each) > 2}
        return Moved(kind, tuple(parameters), scores, spreads, len(sides) - len(done))

    def _repeat(self, settings: Sequence[Sequence[str]], title: str) -> list[Side | None]:
        self.reporter.step(title)
        with ThreadPoolExecutor(self.request.jobs or _cores()) as pool:
            sides = list(pool.map(self._one, settings))
        self.reporter.done(f"{sum(side is not None for side in sides)} of {len(sides)}")
        return sides

    def _one(self, settings: Sequence[str]) -> Side | None:
        """None where the pipeline stops."""
        from ferrata.steps.comparing.sides import read_side

        self.count += 1
        folder = copy_of(self.project, self._folder(f"copy{self.count}-{abs(hash(tuple(settings))) % 10**8}"))
        outcome = run_with(folder, settings)
        self.reporter.note(f"{'✓' if outcome.status == 0 else '✗'} {', '.join(settings)}")
        if outcome.status != 0:
            return None
        return read_side(folder, self.stages, Version(", ".join(settings)), python=self.versions.python, scratch=self._folder(f"{folder.name}-read"))

    def _folder(self, name: str) -> Path:
        (self.place / name).mkdir()
        return self.place / name

    def _scores(self, side: Side) -> tuple[str, list[str]]:
        from ferrata.steps.comparing.scoring import chosen_scores

        return chosen_scores(alone(side), side.metrics)

    def _values(self, side: Side) -> dict[str, float]:
        from ferrata.statistics.scores import SCORES

        rows = alone(side)
        return {name: score.pair(rows).second.value for name, score in SCORES.items() if score.fits(rows)}


def alone(side: Side) -> Any:
    """The side beside itself: its scores need no other."""
    import numpy as np

    from ferrata.steps.comparing.scoring import rows_of

    every = np.arange(len(side.columns["truth"]))
    return rows_of(side, side, Matched(every, every, ""))


def _kind(recorded: Side, other: Side) -> str:
    rows, predictions = ([side.columns[name].tolist() for side in (recorded, other) if name in side.columns] for name in ("row", "prediction"))
    if rows and (rows[0] != rows[1] or recorded.columns["truth"].tolist() != other.columns["truth"].tolist()):
        return "split"
    chances = [[column.tolist() for name, column in side.columns.items() if name.startswith("probability ")] for side in (recorded, other)]
    return "still" if predictions[0] == predictions[1] and chances[0] == chances[1] else "training"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


