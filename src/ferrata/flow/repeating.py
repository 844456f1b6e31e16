"""Noise: which parameters are seeds → the pipeline with other ones, in copies → how much the scores move → page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrata.errors import OutsideError
from ferrata.flow.comparing import here
from ferrata.flow.repetitions import Repetitions, no_seed
from ferrata.flow.versions import Versions
from ferrata.records.evidence import Matched, Measured, Moved, NoiseRequest, Side, Spread
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


def known_noise(project: Path) -> tuple[dict[str, Spread], str]:
    """(how each score moved over trainings on the same test rows, what measured it), as the project keeps it; nothing where it does not."""
    from ferrata.statistics.repeated import spread

    try:
        found: Any = json.loads((project / FILE).read_text(encoding="utf-8"))
        training = next(each for each in found["moved"] if each["kind"] == "training")
        spreads = {name: spread(values) for name, values in training["scores"].items() if len(values) > 2}
        return spreads, f"`{FILE}` ({len(next(iter(training['scores'].values())))} trainings of {found['commit'][:7]})"
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return {}, ""


class _Story:
    def __init__(self, project: Path, request: NoiseRequest, place: Path, reporter: Reporter) -> None:
        self.project, self.request = project, request
        self.stages = read_pipeline(project)
        self.versions = Versions(project, place, reporter)
        self.repetitions = Repetitions(project, self.stages, self.versions, place, request.jobs, reporter)

    def told(self) -> Measured:
        parameters = seed_parameters(self.project, self.stages)
        if not parameters:
            raise no_seed()
        recorded = self.versions.read("", is_second=True)
        kinds = self.repetitions.kinds(parameters, recorded)
        if set(kinds) == {"failed"}:
            todo = "Run it once yourself with another seed, such as ferrata run --set " + next(iter(other_values(parameters, 1)))
            raise OutsideError("The pipeline stops with other seeds", where="ferrata run", todo=todo)
        moved = [self._moved(kind, {name: parameters[name] for name in kinds[kind]}, recorded) for kind in ("training", "split") if kind in kinds]
        return Measured(self.project.name, recorded.version.commit, tuple(moved), tuple(kinds.get("still", ())), self._scores(recorded)[0])

    def _moved(self, kind: str, parameters: Mapping[str, int], recorded: Side) -> Moved:
        from ferrata.statistics.repeated import spread

        title = "Train again with other seeds" if kind == "training" else "Train again on other splits"
        sides = self.repetitions.sides([other_values(parameters, number) for number in range(1, self.request.seeds + 1)], title)
        done = [side for side in sides if side is not None]
        values = [self._values(side) for side in (recorded, *done)]
        scores = {name: tuple(each[name] for each in values if name in each) for name in self._scores(recorded)[1]}
        spreads = {name: spread(each) for name, each in scores.items() if len(each) > 2}
        return Moved(kind, tuple(parameters), scores, spreads, len(sides) - len(done))

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
