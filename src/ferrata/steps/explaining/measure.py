"""When two results count as the same: by the scores that differ, else by what the stages wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ferrata.records.proof import Comparison, Level
from ferrata.statistics.compare import CLOCKS, compare
from ferrata.steps.explaining.setup import Obtained

_FAR = 1e-9  # relative; what is nearer is told apart only where nothing differs by more


def compare_scores(here: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[Comparison, ...]:
    """`expected` is there, `obtained` here; those of one side only are not comparable, and what measures the machine is left out."""
    names = [name for name in dict.fromkeys([*there, *here]) if name.rpartition(".")[2] not in CLOCKS]
    return tuple(_compared(name, here, there) for name in names)


def _compared(name: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> Comparison:
    if name not in here or name not in there:
        why = "only that result has it" if name in there else "only the result here has it"
        return Comparison(name, there.get(name), here.get(name), Level.NOT_COMPARABLE, why=why)
    return compare(name, there[name], here[name])


@dataclass(frozen=True)
class Measure:
    """`names` are the scores, or places of results, that are looked at; `is_exact` is to the last bit."""

    names: tuple[str, ...]
    are_scores: bool
    is_exact: bool

    def of(self, result: Obtained) -> Mapping[str, Any]:
        found = result.scores if self.are_scores else result.digests
        return {name: found[name] for name in self.names if name in found}

    def same(self, one: Obtained, other: Obtained) -> bool:
        if one.failed or other.failed:
            return False
        left, right = self.of(one), self.of(other)
        if not self.are_scores or self.is_exact:
            return left == right
        return left.keys() == right.keys() and all(compare(name, left[name], right[name], bound=_FAR).level is not Level.DIFFERENT for name in left)

    def share(self, here: Obtained, there: Obtained, trial: Obtained) -> float | None:
        """How far from here to there, by the score that differs most; None where none says."""
        if not self.are_scores:
            return None
        gaps = {name: there.scores[name] - here.scores[name] for name in self.names if name in here.scores and name in there.scores and name in trial.scores}
        if not any(gaps.values()):
            return None
        name = max(gaps, key=lambda name: abs(gaps[name]) / (abs(here.scores[name]) or 1.0))
        return float((trial.scores[name] - here.scores[name]) / gaps[name])


def measure_of(here: Obtained, others: Iterable[Obtained]) -> Measure | None:
    """What tells the results apart: scores that differ clearly, else scores that differ at all, else artefacts. None where they are the same."""
    results = list(others)
    scores = [each for other in results for each in compare_scores(here.scores, other.scores)]
    clearly = _names(scores, (Level.DIFFERENT,))
    if clearly:
        return Measure(clearly, True, False)
    if slightly := _names(scores, (Level.EQUAL,)):
        return Measure(slightly, True, True)
    places = [place for other in results for place in here.digests.keys() & other.digests.keys() if here.digests[place] != other.digests[place]]
    return Measure(tuple(sorted(set(places))), False, True) if places else None


def _names(comparisons: Sequence[Comparison], levels: Sequence[Level]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in comparisons if each.level in levels))
