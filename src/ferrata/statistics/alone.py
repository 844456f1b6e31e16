"""How sure one score of one version is: the interval that the choice of its test rows leaves."""

from __future__ import annotations

import math

import numpy as np

from ferrata.statistics.bootstrap import Pair, distributions
from ferrata.statistics.measures import linear
from ferrata.statistics.scores import Rows, Score
from ferrata.statistics.trained import of_rows


def interval(score: Score, rows: Rows, *, level: float = 0.95) -> tuple[float, float, float]:
    """(low, value, high) of the second version in `rows`; NaN for the ends where too few rows of a class leave none.

    The score is drawn as the linear function that its influence values are, against nothing: intervals of differences, without a second version.
    """
    measure = score.pair(rows).second
    one = linear(measure.value, of_rows(measure, rows))
    drawn = distributions({"": Pair(linear(0.0, np.zeros(rows.count)), one)})[""]
    low, high = drawn.interval(level) if drawn.is_defined else (math.nan, math.nan)
    return low, measure.value, high
