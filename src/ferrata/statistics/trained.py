"""Two versions that were each trained several times, with the same seeds: the difference of their mean scores, and both sources of its uncertainty.

The rows: the mean over the trainings of what each row weighs in the difference (its influence value) is drawn like one score, so that what is peculiar to
one training is averaged before it counts. The training: the differences of the seeds are a sample, and the error of its mean has Student's distribution.
Both add (the variances of two stages of sampling; Bouthillier et al., Accounting for Variance in Machine Learning Benchmarks, MLSys 2021, on why both count).
Where each seed has test rows of its own, the differences over repeated splits are a sample whose trainings overlap: Nadeau & Bengio's correction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from ferrata.records.evidence import Judged
from ferrata.statistics.bootstrap import Distribution, Pair, distributions
from ferrata.statistics.corrections import holm
from ferrata.statistics.measures import Array, Measure, Moments, linear
from ferrata.statistics.repeated import Corrected, corrected_t
from ferrata.statistics.scores import SCORES, Rows, Score
from ferrata.statistics.verdict import BETTER, EQUIVALENT, LEVEL, SAME, UNKNOWN, WORSE, Chance, Tested, concluded


def judge_trained(trainings: Sequence[Rows], names: list[str], main: str, *, margin: float = 0.01, seed: int = 0) -> tuple[Judged, ...]:
    """The named scores, the main one first, as means over the trainings: `trainings` are the same rows in the same order, at least two times."""
    ordered = [main, *(name for name in names if name != main)]
    pairs = {name: [SCORES[name].pair(rows) for rows in trainings] for name in ordered}
    means = {name: _mean(pairs[name], trainings) for name in ordered}
    drawn = distributions(means, seed=seed)
    return concluded([_tested(name, means[name], drawn[name], [pair.difference for pair in pairs[name]]) for name in ordered], margin)


def _tested(name: str, mean: Pair, drawn: Distribution, differences: Sequence[float]) -> Tested:
    if not drawn.is_defined:
        return Tested(name, mean, drawn)
    count = len(differences)
    chance = Chance(float(np.std(differences, ddof=1)) / math.sqrt(count), count - 1.0)
    return Tested(name, mean, drawn, drawn.p_value(), "bootstrap of rows, t of seeds", chance)


def _mean(pairs: Sequence[Pair], trainings: Sequence[Rows]) -> Pair:
    """As a linear function of the weights of the rows: exact for means, to the first order for the others."""
    sides = []
    for side in (0, 1):
        measures = [(pair.first, pair.second)[side] for pair in pairs]
        influence = np.mean([of_rows(measure, rows) for measure, rows in zip(measures, trainings, strict=True)], axis=0)
        sides.append(linear(float(np.mean([measure.value for measure in measures])), influence))
    return Pair(*sides)


def of_rows(measure: Measure, rows: Rows) -> Array:
    """The influence value of each row, also where alike rows were put together."""
    influence = measure.influence()
    is_of_cells = isinstance(measure, Moments) and measure.counts is not None
    return influence[rows.cells] if is_of_cells else influence


def judge_splits(splits: Sequence[Rows], names: list[str], main: str, *, training_rows: int, margin: float = 0.01) -> tuple[Judged, ...]:
    """The named scores over repeated splits: each seed has test rows of its own, which both versions share."""
    ordered = [main, *(name for name in names if name != main)]
    pairs = {name: [SCORES[name].pair(rows) for rows in splits] for name in ordered}
    test_rows = round(float(np.mean([rows.count for rows in splits])))
    found = {name: corrected_t([pair.difference for pair in pairs[name]], test_rows, training_rows) for name in ordered}
    adjusted = {main: found[main].p_value} | holm({name: each.p_value for name, each in found.items() if name != main})
    return tuple(_of_splits(SCORES[name], pairs[name], found[name], adjusted[name], margin, is_main=name == main) for name in ordered)


def _of_splits(score: Score, pairs: Sequence[Pair], found: Corrected, adjusted: float, margin: float, *, is_main: bool) -> Judged:
    first, second = (float(np.mean([side.value for side in sides])) for sides in zip(*((pair.first, pair.second) for pair in pairs), strict=True))
    margin = margin if score.is_share else margin * abs(first)
    degrees = len(pairs) - 1
    error = (found.high - found.low) / 2 / float(special.stdtrit(degrees, 1 - LEVEL / 2))
    equivalence = max(float(special.stdtr(degrees, (-margin + side * found.mean) / error)) for side in (1, -1)) if error else 0.0
    verdict = EQUIVALENT if equivalence <= LEVEL else UNKNOWN
    if not error and not found.mean:
        verdict = SAME
    elif adjusted <= LEVEL and (found.low > 0 or found.high < 0):
        verdict = BETTER if (found.mean > 0) == score.is_up_better else WORSE
    return Judged(
        score.name, first, second, found.mean, found.low, found.high, error, found.p_value, adjusted, "corrected t of splits", margin, equivalence, verdict,
        0.0, is_main, score.is_up_better,
    )  # fmt: skip
