"""Paired bootstrap: both versions are weighed by the same draws, and an interval is given for their difference.

A draw gives each row a Poisson(1) weight, which for scores that are ratios of sums is the multinomial bootstrap without its bookkeeping (Hanley &
MacGibbon, Computer Methods and Programs in Biomedicine 83, 2006; Chamandy et al., Google technical report, 2012). A draw is then a row of a matrix and
all sums of all draws one matrix product. Intervals are bias-corrected and accelerated (BCa; Efron, JASA 82, 1987), with Student's quantiles in place of
the normal ones (Hesterberg, The American Statistician 69, 2015), and for few rows drawn towards the infinitesimal jackknife's: `benchmarks/calibration.py`
shows how often they hold the truth.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy import special

from ferrata.statistics.measures import LINEAR_FROM, Array, Measure, Median, Moments, OneVsRest, Ranked, scaled

T = TypeVar("T")

DRAWS = 2000
# Weights that a thread holds at once.
_HELD = 2_000_000
_HELD_SINGLE = 16_000_000
# A score that more draws than this leave undefined has no interval.
_MOST_UNDEFINED = 0.05


@dataclass(frozen=True)
class Pair:
    """The same score of two versions, on the same rows."""

    first: Measure
    second: Measure

    @property
    def difference(self) -> float:
        return self.second.value - self.first.value

    @property
    def counts(self) -> Array | None:
        return self.first.counts if isinstance(self.first, Moments) else None


@dataclass(frozen=True)
class Distribution:
    """Of the difference (second - first): its `value`, its `draws` in ascending order, the two corrections of BCa, the standard error by the influence
    values (`spread`), and the `degrees` of freedom that this error has. `rows` are the rows that were compared.
    """

    value: float
    draws: Array
    bias: float
    acceleration: float
    spread: float
    degrees: float
    rows: int

    @property
    def is_defined(self) -> bool:
        return bool(len(self.draws)) and bool(np.isfinite(self.value))

    @property
    def is_constant(self) -> bool:
        return bool(self.draws[0] == self.draws[-1])

    @property
    def standard_error(self) -> float:
        return float(np.std(self.draws, ddof=1))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        tail = (1 - level) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def quantile(self, probability: float) -> float:
        """Midway between BCa and value ± t·spread: of 50 rows the first alone holds the truth too seldom, the second too often."""
        if self.is_constant:
            return self.value
        t = float(special.stdtrit(self.degrees, probability))
        z = self.bias + t
        adjusted = special.ndtr(self.bias + z / max(1 - self.acceleration * z, 1e-3))
        return (float(np.quantile(self.draws, adjusted, method="weibull")) + self.value + t * self.spread) / 2

    def below(self, null: float) -> float:
        """The probability for which `quantile` gives `null`: the one-sided p value against a difference above it."""
        if self.is_constant:
            return 0.5 if self.value == null else float(self.value < null)
        low, high = 0.0, 1.0
        while high - low > 1e-6:
            middle = (low + high) / 2
            low, high = (middle, high) if self.quantile(middle) < null else (low, middle)
        return (low + high) / 2

    def p_value(self, null: float = 0.0) -> float:
        """Two-sided, by inverting the interval; never less than the draws can tell."""
        if self.is_constant:
            return 1.0 if self.value == null else 1 / (len(self.draws) + 1)
        below = self.below(null)
        return float(min(max(2 * min(below, 1 - below), 1 / (len(self.draws) + 1)), 1.0))


def distributions(pairs: Mapping[str, Pair], *, draws: int = DRAWS, seed: int = 0, threads: int = 0) -> dict[str, Distribution]:
    """One for each pair. Pairs with counts are drawn apart from those with one row a row; within each kind all pairs share their draws."""
    cells = {name: pair for name, pair in pairs.items() if pair.counts is not None}
    singles = {name: pair for name, pair in pairs.items() if name not in cells}
    found: dict[str, Distribution] = {}
    for group in (cells, singles):
        if group:
            measures = [side for pair in group.values() for side in (pair.first, pair.second)]
            values = _drawn(measures, next(iter(group.values())).counts, draws, seed, threads)
            found |= {name: _distribution(pair, values[2 * at], values[2 * at + 1]) for at, (name, pair) in enumerate(group.items())}
    return {name: found[name] for name in pairs}


def _distribution(pair: Pair, first: Array, second: Array) -> Distribution:
    differences = second - first
    known = np.sort(differences[np.isfinite(differences)])
    rows = pair.first.rows if pair.counts is None else int(pair.counts.sum())
    if len(known) < (1 - _MOST_UNDEFINED) * len(differences):
        return Distribution(np.nan, np.empty(0), 0.0, 0.0, 0.0, 1.0, rows)
    least = 0.5 / (len(known) + 1)
    bias = float(special.ndtri(np.clip(_share_below(known, pair.difference), least, 1 - least)))
    return Distribution(pair.difference, known, bias, *_shape(pair, rows), rows)


def _share_below(draws: Array, value: float) -> float:
    """Ties count half. Sums of the same numbers in another order are ties too."""
    slack = 1e-12 * max(abs(value), float(np.abs(draws[[0, -1]]).max()))
    return float(np.searchsorted(draws, value - slack, "left") + np.searchsorted(draws, value + slack, "right")) / (2 * len(draws))


def _shape(pair: Pair, rows: int) -> tuple[float, float, float]:
    """(acceleration, spread, degrees) from the influence values. Acceleration is a sixth of their skewness (Efron 1987, equation 4.4), the spread the
    infinitesimal jackknife's. How well it is known depends on their kurtosis: the degrees are those of a normal sample whose variance is known as well,
    so that two versions that differ on few rows count as the few rows that they differ on.
    """
    influence = pair.second.influence() - pair.first.influence()
    counts = np.ones(len(influence)) if pair.counts is None else pair.counts
    second, third, fourth = (float(counts @ influence**power) for power in (2, 3, 4))
    if second <= 0 or rows < 3:
        return 0.0, 0.0, max(rows - 1.0, 1.0)
    kurtosis = rows * fourth / second**2
    degrees = min(max(2 * rows / max(kurtosis - 1, 1e-9), 3.0), rows - 1.0)
    return third / (6 * second**1.5), float(np.sqrt(second * rows / (rows - 1))), degrees


def _drawn(measures: Sequence[Measure], counts: Array | None, draws: int, seed: int, threads: int) -> Array:
    """measures × draws. Few rows are weighed whole, some draws at a time; of many, some rows at a time for all draws, in single precision."""
    ready = [measure.drawable() if isinstance(measure, (Ranked, OneVsRest)) else measure for measure in measures]
    workers = threads or min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8)
    rows = ready[0].rows
    if counts is None and rows > LINEAR_FROM:
        return _by_rows(ready, rows, draws, seed, workers)
    size = max(min(_HELD // max(rows, 1), draws), 1)
    sizes = [size] * (draws // size) + ([draws % size] if draws % size else [])
    together = _Together(ready)

    def values(size: int, generator: np.random.Generator) -> Array:
        weights = _poisson(generator, (size, rows), _TABLE) if counts is None else generator.poisson(counts, size=(size, rows)).astype(float)
        return together.values(weights)

    return np.concatenate(list(_each(values, sizes, seed, workers)), axis=1)


def _each(work: Callable[[T, np.random.Generator], Array], items: Sequence[T], seed: int, workers: int) -> Iterator[Array]:
    """Each item gets random numbers of its own, so that the result does not depend on the number of threads."""
    generators = [np.random.Generator(np.random.SFC64(stream)) for stream in np.random.SeedSequence(seed).spawn(len(items))]
    if len(items) == 1:
        yield work(items[0], generators[0])
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, items, generators)


class _Together:
    """Measures whose sums are taken in one matrix product."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.measures = measures
        columns = [each.columns for each in measures if isinstance(each, Moments)]
        self.columns = np.hstack(columns) if columns else None

    def values(self, weights: Array) -> Array:
        sums = weights @ self.columns if self.columns is not None else np.empty((len(weights), 0))
        return self.of_sums(sums, lambda measure: measure.draws(weights))

    def of_sums(self, sums: Array, others: Callable[[Measure], Array]) -> Array:
        found, at = [], 0
        for measure in self.measures:
            if isinstance(measure, Moments):
                width = measure.columns.shape[1]
                found.append(measure.of_sums(sums[:, at : at + width].astype(float)))
                at += width
            else:
                found.append(others(measure))
        return np.stack(found)


def _by_rows(measures: Sequence[Measure], rows: int, draws: int, seed: int, workers: int) -> Array:
    """Measures × draws for sums and medians. Of a median, the weights of the rows around the middle are kept."""
    medians = {id(each): each for each in measures if isinstance(each, Median)}
    together = _Together([scaled(each) if isinstance(each, Moments) else each for each in measures])
    ours = [together.columns] if together.columns is not None else []
    columns = np.hstack([*ours, *(np.column_stack([each.below, np.ones(rows)]).astype(np.float32) for each in medians.values())])
    kept = {name: np.empty((draws, len(each.around)), dtype=np.float32) for name, each in medians.items()}
    places = {name: np.argsort(each.around) for name, each in medians.items()}
    size = max(_HELD_SINGLE // draws, 1)

    def sums(start: int, generator: np.random.Generator) -> Array:
        end = min(start + size, rows)
        weights = _poisson(generator, (draws, end - start), _SINGLE_TABLE)
        for name, each in medians.items():
            ordered = each.around[places[name]]
            chosen = slice(*np.searchsorted(ordered, [start, end]))
            kept[name][:, places[name][chosen]] = weights[:, ordered[chosen] - start]
        return np.asarray(weights @ columns[start:end])

    total = np.zeros((draws, columns.shape[1]))
    for part in _each(sums, list(range(0, rows, size)), seed, workers):
        total += part
    width = columns.shape[1] - 2 * len(medians)
    parts = {name: total[:, width + 2 * at : width + 2 * at + 2] for at, name in enumerate(medians)}

    def of_median(measure: Measure) -> Array:
        name = id(measure)
        return medians[name].of_parts(parts[name][:, 0], kept[name], parts[name][:, 1])

    return together.of_sums(total[:, :width], of_median)


def _poisson(generator: np.random.Generator, shape: tuple[int, int], table: Array) -> Array:
    """Poisson(1), from a table of 65,536 places, to whose resolution the probabilities are rounded."""
    count = shape[0] * shape[1]
    places = generator.integers(0, 1 << 64, size=-(-count // 4), dtype=np.uint64).view(np.uint16)[:count]
    return np.asarray(table[places].reshape(shape))


def _poisson_table() -> Array:
    most = 10
    edges = np.rint(special.pdtr(np.arange(most), 1.0) * 65_536).astype(int)
    return np.repeat(np.arange(most, dtype=float), np.diff(np.concatenate([[0], edges[:-1], [65_536]])))


_TABLE = _poisson_table()
_SINGLE_TABLE = _TABLE.astype(np.float32)
