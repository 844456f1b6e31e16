"""Tests of paired predictions: exact McNemar for right and wrong, a permutation test for everything that is a function of sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ferrata.statistics.measures import Array, Moments

# Above this many rows the bootstrap says the same for less.
PERMUTED_TO = 50_000
_HELD = 2_000_000


@dataclass(frozen=True)
class McNemar:
    """`gained` rows are right only in the second version, `lost` only in the first. `p_value` is exact and two-sided, `mid_p` its less cautious form."""

    gained: int
    lost: int
    p_value: float
    mid_p: float


def mcnemar(first_right: Array, second_right: Array) -> McNemar:
    """Whether one version is right more often, from the rows on which they differ (McNemar, Psychometrika 12, 1947; for classifiers: Dietterich,
    Neural Computation 10, 1998). The mid-p form is that of Fagerland, Lydersen & Laake (BMC Medical Research Methodology 13:91, 2013).
    """
    gained = int(np.count_nonzero(second_right & ~first_right))
    lost = int(np.count_nonzero(first_right & ~second_right))
    return McNemar(gained, lost, *_exact(gained, lost))


def _exact(gained: int, lost: int) -> tuple[float, float]:
    total, least = gained + lost, min(gained, lost)
    if not total:
        return 1.0, 1.0
    tail = float(special.bdtr(least, total, 0.5))
    point = tail - (float(special.bdtr(least - 1, total, 0.5)) if least else 0.0)
    return min(2 * tail, 1.0), 1 - point / 2 if gained == lost else 2 * tail - point


def permutation_p(first: Moments, second: Moments, *, permutations: int = 2000, seed: int = 0) -> float:
    """Two-sided: how often the difference is as large when for each row chance decides which version its prediction is called after.

    The one observed counts as one of them (Phipson & Smyth, Statistical Applications in Genetics and Molecular Biology 9:39, 2010), so that p is never 0.
    """
    observed = abs(second.value - first.value)
    generator = np.random.default_rng(seed)
    change, total = first.columns - second.columns, first.sums + second.sums
    at_once = max(_HELD // max(first.rows, 1), 1)
    as_large = 0
    for start in range(0, permutations, at_once):
        chosen = _chosen(generator, min(at_once, permutations - start), first)
        sums = second.sums + chosen @ change
        differences = np.abs(second.of_sums(total - sums) - first.of_sums(sums))
        as_large += int(np.count_nonzero(~(differences < observed * (1 - 1e-12))))
    return (1 + as_large) / (1 + permutations)


def _chosen(generator: np.random.Generator, size: int, measure: Moments) -> Array:
    """How many of the rows that each row stands for keep their name: one of two, or as a coin says for each."""
    if measure.counts is not None:
        return generator.binomial(measure.counts, 0.5, size=(size, measure.rows)).astype(float)
    bits = np.frombuffer(generator.bytes(size * ((measure.rows + 7) // 8)), dtype=np.uint8).reshape(size, -1)
    return np.unpackbits(bits, axis=1, count=measure.rows).astype(float)
