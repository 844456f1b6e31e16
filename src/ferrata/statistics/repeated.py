"""What repeated trainings tell: how much a score moves by chance, and a test for repeated splits that overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from ferrata.records.evidence import Spread


def spread(values: Sequence[float]) -> Spread:
    """Of at least two values."""
    array, count = np.asarray(values, dtype=float), len(values)
    deviation = float(array.std(ddof=1))
    low, high = (deviation * math.sqrt((count - 1) / float(special.chdtri(count - 1, tail))) for tail in (0.025, 0.975))
    return Spread(count, float(array.mean()), deviation, low, high, float(array.min()), float(array.max()))


@dataclass(frozen=True)
class Corrected:
    """The mean difference, its interval and two-sided p value."""

    mean: float
    low: float
    high: float
    p_value: float


def corrected_t(differences: Sequence[float], test_rows: int, training_rows: int, *, level: float = 0.95) -> Corrected:
    """The difference over repeated random splits, whose training sets overlap: the plain t test takes them as independent and is far too sure. Nadeau &
    Bengio (Machine Learning 52, 2003) add test rows / training rows to 1 / repetitions.
    """
    array, count = np.asarray(differences, dtype=float), len(differences)
    error = math.sqrt((1 / count + test_rows / training_rows) * float(array.var(ddof=1)))
    mean = float(array.mean())
    reach = float(special.stdtrit(count - 1, (1 + level) / 2)) * error
    p_value = 2 * float(special.stdtr(count - 1, -abs(mean) / error)) if error else float(mean == 0)
    return Corrected(mean, mean - reach, mean + reach, p_value)


def seeds_t(first: Sequence[float], second: Sequence[float]) -> Corrected:
    """The difference of the means of two versions that were each trained with seeds of their own (Welch's test; Bouthillier et al., MLSys 2021, on why
    each repetition should vary everything that chance decides).
    """
    one, other = (np.asarray(values, dtype=float) for values in (first, second))
    parts = [float(each.var(ddof=1)) / len(each) for each in (one, other)]
    error, mean = math.sqrt(sum(parts)), float(other.mean() - one.mean())
    if not error:
        return Corrected(mean, mean, mean, float(mean == 0))
    freedom = sum(parts) ** 2 / sum(part**2 / (len(each) - 1) for part, each in zip(parts, (one, other), strict=True))
    reach = float(special.stdtrit(freedom, 0.975)) * error
    return Corrected(mean, mean - reach, mean + reach, 2 * float(special.stdtr(freedom, -abs(mean) / error)))
