"""Scores of decided classes, from how often each truth met each decision.

Rows with the same truth and the same two decisions are put together: what a draw counts of m alike rows is one Poisson number with mean m, so that a draw
costs as much as there are different rows, not as there are rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ferrata.statistics.measures import Array, Moments, ratio

AVERAGES = ("binary", "macro", "weighted", "micro")


@dataclass(frozen=True)
class Decided:
    """`truth` and `decisions` are numbers of classes, 0 to `classes` - 1, one a cell; `counts` how many rows fell in each cell. One of two sides."""

    truth: Array
    decisions: Array
    counts: Array
    classes: int

    @cached_property
    def columns(self) -> Array:
        """cells × 3·classes: the class was hit, was the truth, was decided."""
        truth = np.eye(self.classes)[self.truth]
        decided = np.eye(self.classes)[self.decisions]
        return np.hstack([truth * decided, truth, decided])

    def _moments(self, of_sums: Callable[[Array, Array, Array], Array]) -> Moments:
        def split(sums: Array) -> Array:
            hit, true, decided = np.split(sums, 3, axis=-1)
            return of_sums(hit, true, decided)

        return Moments(self.columns, split, self.counts)

    def accuracy(self) -> Moments:
        return self._moments(lambda hit, true, decided: ratio(hit.sum(axis=-1), true.sum(axis=-1)))

    def balanced_accuracy(self) -> Moments:
        """The mean recall of the classes that occur."""
        return self._moments(lambda hit, true, decided: _mean(ratio(hit, true)))

    def precision(self, average: str, positive: int = 1) -> Moments:
        return self._averaged(lambda hit, true, decided: (hit, decided), average, positive)

    def recall(self, average: str, positive: int = 1) -> Moments:
        return self._averaged(lambda hit, true, decided: (hit, true), average, positive)

    def f1(self, average: str, positive: int = 1) -> Moments:
        return self._averaged(lambda hit, true, decided: (2 * hit, true + decided), average, positive)

    def _averaged(self, parts: Callable[[Array, Array, Array], tuple[Array, Array]], average: str, positive: int) -> Moments:
        """As scikit-learn averages: 0 where there is nothing to divide by, and of the classes those that are a truth or a decision."""

        def of_sums(hit: Array, true: Array, decided: Array) -> Array:
            above, below = parts(hit, true, decided)
            if average == "micro":
                return ratio(above.sum(axis=-1), below.sum(axis=-1))
            each = np.nan_to_num(ratio(above, below))
            if average == "binary":
                return each[..., positive]
            if average == "weighted":
                return ratio((each * true).sum(axis=-1), true.sum(axis=-1))
            return _mean(np.where(true + decided > 0, each, np.nan))

        return self._moments(of_sums)


def decided(truth: Array, first: Array, second: Array, classes: int) -> tuple[Decided, Decided]:
    """Both sides on the same cells, so that one draw weighs both. Numbers of classes, one a row."""
    cells, counts = np.unique(_codes(truth, first, second, classes), return_counts=True)
    of_truth = cells // (classes * classes)
    sides = (cells // classes % classes, cells % classes)
    return tuple(Decided(of_truth, side, counts, classes) for side in sides)  # type: ignore[return-value]


def cells_of(truth: Array, first: Array, second: Array, classes: int) -> Array:
    """Of each row, the number of its cell."""
    return np.unique(_codes(truth, first, second, classes), return_inverse=True)[1]


def _codes(truth: Array, first: Array, second: Array, classes: int) -> Array:
    return np.asarray((truth.astype(np.int64) * classes + first) * classes + second)


def _mean(values: Array) -> Array:
    """Of the last axis, without NaN; NaN where nothing else is there."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))
