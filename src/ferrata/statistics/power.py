"""How many rows would tell."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from ferrata.statistics.measures import Array

LEVEL = 0.05
POWER = 0.8


def rows_to_tell(difference: float, standard_error: float, rows: int, *, level: float = LEVEL, power: float = POWER) -> float:
    """Rows, all together, with which a difference of this size is told with this power; infinite for none. `standard_error` is that of `rows` rows."""
    if not difference:
        return math.inf
    z = float(special.ndtri(1 - level / 2) + special.ndtri(power))
    return rows * (z * standard_error / abs(difference)) ** 2


def rows_to_show_equivalence(difference: float, standard_error: float, rows: int, margin: float, *, level: float = LEVEL, power: float = POWER) -> float:
    """Rows, all together, with which a difference of this size is shown to lie within the margin; infinite where it does not."""
    room = margin - abs(difference)
    if room <= 0:
        return math.inf
    z = float(special.ndtri(1 - level) + special.ndtri((1 + power) / 2))
    return rows * (z * standard_error / room) ** 2


def mcnemar_rows(gained: float, lost: float, *, level: float = LEVEL, power: float = POWER) -> float:
    """Rows with which McNemar's test tells two versions apart of which one alone is right on these shares of the rows (Connor, Biometrics 43, 1987)."""
    apart, difference = gained + lost, gained - lost
    if not difference:
        return math.inf
    z = special.ndtri(1 - level / 2) * math.sqrt(apart) + special.ndtri(power) * math.sqrt(apart - difference**2)
    return float(z / difference) ** 2


def mcnemar_power(gained: float, lost: float, rows: int, *, level: float = LEVEL) -> float:
    """The exact power of the exact test: over how many rows fall on each side (Schork & Williams, Communications in Statistics B9, 1980)."""
    apart = np.arange(rows + 1)
    probability = _binomial(apart, rows, gained + lost)
    # The largest count on one side whose two tails together stay within the level; -1 where there is none.
    critical = special.bdtrik(level / 2, apart, 0.5)
    critical = np.where(np.isfinite(critical), np.floor(critical), -1).astype(int)
    critical = np.where((critical >= 0) & (special.bdtr(np.maximum(critical, 0), apart, 0.5) > level / 2), critical - 1, critical)
    share = gained / (gained + lost)
    low = np.where(critical >= 0, special.bdtr(np.maximum(critical, 0), apart, share), 0.0)
    high = np.where(critical >= 0, special.bdtr(np.maximum(critical, 0), apart, 1 - share), 0.0)
    return float(probability @ (low + high))


def _binomial(counts: Array, total: int, share: float) -> Array:
    log = special.gammaln(total + 1) - special.gammaln(counts + 1) - special.gammaln(total - counts + 1)
    return np.asarray(np.exp(log + special.xlogy(counts, share) + special.xlog1py(total - counts, -share)))


def luck_of_best(count: int) -> float:
    """By how many standard errors the best of so many equal versions is expected to look better than they are (Blom, Statistical Estimates and Transformed
    Beta-Variables, 1958: the largest of a normal sample).
    """
    return float(special.ndtri((count - 0.375) / (count + 0.25))) if count > 1 else 0.0
