"""Retrain: both versions again with the same seeds → the difference of their mean scores, and how uncertain test rows and training make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ferrata.errors import OutsideError, ProjectError
from ferrata.flow.repetitions import Repetitions, has_same_rows, no_seed
from ferrata.flow.versions import Versions
from ferrata.records.evidence import CompareRequest, Judged, Matched, Retrained, Side
from ferrata.steps.repeating.seeds import other_values, seed_parameters
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.world.reporter import Reporter

if TYPE_CHECKING:
    from ferrata.statistics.scores import Rows

_LEAST = 3


class Retraining:
    """`recorded` are the two versions as they are compared, `matched` their rows in common."""

    def __init__(self, versions: Versions, request: CompareRequest, recorded: tuple[Side, Side], matched: Matched, reporter: Reporter) -> None:
        self.request, self.recorded, self.matched = request, recorded, matched
        folders = [versions.runnable(side.version.name) for side in recorded]
        pipelines = [read_pipeline(folder) for folder in folders]
        self.both = [Repetitions(folder, stages, versions, versions.scratch, 0, reporter) for folder, stages in zip(folders, pipelines, strict=True)]
        one, other = (seed_parameters(folder, stages) for folder, stages in zip(folders, pipelines, strict=True))
        self.parameters = {name: value for name, value in other.items() if name in one}

    def judged(self, names: list[str], main: str) -> tuple[Retrained, tuple[Judged, ...]]:
        """No scores where no prediction depends on a seed: then training adds nothing. ProjectError without seeds, or with test rows that seeds change
        otherwise in each version; OutsideError where too few trainings end.
        """
        from ferrata.statistics.trained import judge_splits, judge_trained

        if not self.parameters:
            raise no_seed()
        kind, chosen = self._kind()
        if kind == "still":
            return Retrained(kind, ()), ()
        settings = [other_values({name: self.parameters[name] for name in chosen}, number) for number in range(1, self.request.seeds + 1)]
        firsts, seconds = (each.sides(settings, f"Train {side.version.name} again") for each, side in zip(self.both, self.recorded, strict=True))
        pairs = [(one, other) for one, other in zip(firsts, seconds, strict=True) if one is not None and other is not None]
        if len(pairs) < _LEAST:
            todo = f"Run it once yourself with another seed: ferrata run {' '.join(f'--set {each}' for each in settings[0])}"
            raise OutsideError(f"Only {len(pairs)} of {len(settings)} pairs of trainings ended", where="ferrata run", todo=todo)
        told = Retrained(kind, tuple(chosen), len(pairs), len(settings) - len(pairs))
        if kind == "training" and all(map(self._has_recorded_rows, pairs)):
            return told, judge_trained(self._same_rows(pairs), names, main, margin=self.request.margin)
        rows = self._own_rows(pairs)
        return told, judge_splits(rows, names, main, training_rows=self._training_rows(rows), margin=self.request.margin)

    def _kind(self) -> tuple[str, list[str]]:
        """What the seeds decide that will be changed: those of the training alone where there are any."""
        found = [each.kinds(self.parameters, side) for each, side in zip(self.both, self.recorded, strict=True)]
        of = {name: {kind for kinds in found for kind, those in kinds.items() if name in those} for name in self.parameters}
        training = [name for name, kinds in of.items() if "training" in kinds and not kinds & {"split", "failed"}]
        split = [name for name, kinds in of.items() if "split" in kinds and "failed" not in kinds]
        if not training and not split and any("failed" in kinds for kinds in of.values()):
            todo = f"Run it once yourself with another seed: ferrata run --set {other_values(self.parameters, 1)[0]}"
            raise OutsideError("The pipeline stops with other seeds", where="ferrata run", todo=todo)
        return ("training", training) if training else ("split", split) if split else ("still", [])

    def _has_recorded_rows(self, pair: tuple[Side, Side]) -> bool:
        return all(has_same_rows(side, recorded) for side, recorded in zip(pair, self.recorded, strict=True))

    def _same_rows(self, pairs: Sequence[tuple[Side, Side]]) -> list[Rows]:
        from ferrata.steps.comparing.scoring import rows_of

        return [rows_of(one, other, self.matched) for one, other in pairs]

    def _own_rows(self, pairs: Sequence[tuple[Side, Side]]) -> list[Rows]:
        """Of each seed, the rows that both versions were tested on with it."""
        from ferrata.steps.comparing.matching import match
        from ferrata.steps.comparing.scoring import rows_of

        matched = [match(one, other) for one, other in pairs]
        if any(each is None or not each.is_whole for each in matched):
            what = "With the same seed, the two versions are tested on different rows"
            raise ProjectError(what, where="--seeds", todo="Leave --seeds out, or give the split a seed of its own that both versions read alike.")
        return [rows_of(one, other, each) for (one, other), each in zip(pairs, matched, strict=True) if each is not None]

    def _training_rows(self, rows: Sequence[Rows]) -> int:
        data = self.recorded[1].data
        if data is None or data.rows <= rows[0].count:
            what = "One seed decides the test rows as well, and how many rows are trained on is not known"
            raise ProjectError(what, where="--seeds", todo="Give the split and the training a parameter each, such as seed and random_state.")
        return data.rows - rows[0].count
