"""Scores as functions of the weights of rows, which is all that a bootstrap draw, a permutation or an influence value asks of them.

A measure holds the rows it was computed on. `draws` takes weights (draws × rows) and gives one value a draw; a weight of 2 counts a row twice, and a score
that a draw leaves undefined (no positive row in it) is NaN. `influence` is the derivative of the value by the weight of each row where all weights are one
(the empirical influence values of Efron & Tibshirani, An Introduction to the Bootstrap, 1993, section 14.6, divided by the number of rows).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
# Above this many rows a score that needs an order is drawn by its influence values: the error is of the order of 1/rows, the noise of 1/√rows.
LINEAR_FROM = 20_000


class Measure(Protocol):
    @property
    def rows(self) -> int: ...

    @property
    def value(self) -> float: ...

    def draws(self, weights: Array) -> Array: ...

    def influence(self) -> Array: ...


@dataclass(frozen=True)
class Moments:
    """A smooth function of weighted sums. `columns` is rows × sums; `of_sums` takes (… × sums), vectorised, and does not change when all sums are
    multiplied by one number. `counts`: how many rows each row here stands for, where alike rows were put together.
    """

    columns: Array
    of_sums: Callable[[Array], Array]
    counts: Array | None = None

    @property
    def rows(self) -> int:
        return len(self.columns)

    @cached_property
    def sums(self) -> Array:
        totals: Array = self.columns.sum(axis=0) if self.counts is None else self.counts @ self.columns
        return totals

    @property
    def value(self) -> float:
        return float(self.of_sums(self.sums))

    def draws(self, weights: Array) -> Array:
        return self.of_sums(weights @ self.columns)

    def influence(self) -> Array:
        """By central differences: the sums are few."""
        spread = np.sqrt((self.columns.astype(float) ** 2).sum(axis=0))
        steps = np.cbrt(np.finfo(float).eps) * np.maximum(np.abs(self.sums), spread) + np.finfo(float).tiny
        moved = np.diag(steps)
        with np.errstate(all="ignore"):
            slopes = (self.of_sums(self.sums + moved) - self.of_sums(self.sums - moved)) / (2 * steps)
        return np.asarray(self.columns @ np.nan_to_num(slopes))


def mean_of(values: Array) -> Moments:
    return Moments(np.column_stack([values, np.ones(len(values))]), _first_over_last)


def root_mean_of(values: Array) -> Moments:
    return Moments(np.column_stack([values, np.ones(len(values))]), lambda sums: np.sqrt(_first_over_last(sums)))


def _first_over_last(sums: Array) -> Array:
    return ratio(sums[..., 0], sums[..., -1])


def ratio(above: Array, below: Array) -> Array:
    """NaN where there is nothing below."""
    with np.errstate(all="ignore"):
        return np.where(below > 0, above / below, np.nan)


def r2(truth: Array, prediction: Array) -> Moments:
    """1 - (sum of squared errors) / (sum of squares around the mean)."""
    centred = truth - truth.mean()
    columns = np.column_stack([(truth - prediction) ** 2, centred**2, centred, np.ones(len(truth))])

    def of_sums(sums: Array) -> Array:
        around = sums[..., 1] - ratio(sums[..., 2] ** 2, sums[..., 3])
        return 1 - ratio(sums[..., 0], around)

    return Moments(columns, of_sums)


@dataclass(frozen=True)
class Ranked:
    """A score of an order: `kind` is `auc` (ties count half) or `average_precision` (the steps of the curve, as scikit-learn sums them).

    `truth` is 0 or 1 a row, `scores` the larger the more positive.
    """

    kind: str
    truth: Array
    scores: Array

    @property
    def rows(self) -> int:
        return len(self.truth)

    @cached_property
    def _order(self) -> Array:
        """Ascending for the area under the curve, descending for precision."""
        order = np.argsort(self.scores, kind="stable")
        return order if self.kind == "auc" else order[::-1]

    @cached_property
    def _starts(self) -> Array:
        """Where each run of equal scores begins, in that order."""
        ordered = self.scores[self._order]
        return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))

    @cached_property
    def value(self) -> float:
        return float(self.draws(np.ones((1, self.rows)))[0])

    def _groups(self, weights: Array) -> tuple[Array, Array]:
        """Weights of positive and of negative rows for each run of equal scores."""
        ordered = weights[:, self._order].astype(float, copy=False)
        positive = ordered * self.truth[self._order]
        negative = ordered - positive
        if len(self._starts) == self.rows:
            return positive, negative
        return np.add.reduceat(positive, self._starts, axis=1), np.add.reduceat(negative, self._starts, axis=1)

    def draws(self, weights: Array) -> Array:
        positive, negative = self._groups(weights)
        total = positive.sum(axis=1)
        if self.kind == "auc":
            below = np.cumsum(negative, axis=1) - negative / 2
            return ratio((positive * below).sum(axis=1), total * negative.sum(axis=1))
        found = np.cumsum(positive, axis=1)
        looked_at = found + np.cumsum(negative, axis=1)
        precision = np.divide(found, looked_at, out=np.zeros_like(found), where=looked_at > 0)
        return ratio((positive * precision).sum(axis=1), total)

    def influence(self) -> Array:
        """For the area under the curve these are the components of DeLong, DeLong & Clarke-Pearson (Biometrics 44, 1988), centred."""
        positive, negative = (each[0] for each in self._groups(np.ones((1, self.rows))))
        of_group = self._of_auc(positive, negative) if self.kind == "auc" else self._of_precision(positive, negative)
        group = np.empty(self.rows, dtype=int)
        group[self._order] = np.repeat(np.arange(len(self._starts)), np.diff(np.append(self._starts, self.rows)))
        return np.where(self.truth == 1, of_group[0][group], of_group[1][group])

    def _of_auc(self, positive: Array, negative: Array) -> tuple[Array, Array]:
        below = np.cumsum(negative) - negative / 2
        above = positive.sum() - np.cumsum(positive) + positive / 2
        return ratio(below, np.array(positive.sum() * negative.sum())) - self.value / positive.sum(), \
            ratio(above, np.array(positive.sum() * negative.sum())) - self.value / negative.sum()  # fmt: skip

    def _of_precision(self, positive: Array, negative: Array) -> tuple[Array, Array]:
        """A row changes the precision at its own threshold and at every lower one."""
        total, found, looked_at = positive.sum(), np.cumsum(positive), np.cumsum(positive + negative)
        gained = np.cumsum((positive / looked_at)[::-1])[::-1]
        lost = np.cumsum((positive * found / looked_at**2)[::-1])[::-1]
        return (found / looked_at - self.value + gained - lost) / total, -lost / total

    def drawable(self) -> Measure:
        """Itself, or for many rows the linear function that its influence values are."""
        return self if self.rows <= LINEAR_FROM else linear(self.value, self.influence())


@dataclass(frozen=True)
class OneVsRest:
    """The mean of a score of each class against all others (macro; Provost & Domingos, NYU Stern CDER Working Paper 00-04, 2000). NaN where a class has no
    row of its own, as for scikit-learn.
    """

    parts: tuple[Ranked, ...]

    @property
    def rows(self) -> int:
        return self.parts[0].rows

    @property
    def value(self) -> float:
        return float(np.mean([part.value for part in self.parts]))

    def draws(self, weights: Array) -> Array:
        return np.asarray(sum(part.draws(weights) for part in self.parts)) / len(self.parts)

    def influence(self) -> Array:
        return np.asarray(sum(part.influence() for part in self.parts)) / len(self.parts)

    def drawable(self) -> Measure:
        return self if self.rows <= LINEAR_FROM else linear(self.value, self.influence())


def linear(value: float, influence: Array) -> Moments:
    """value + Σ wᵢ uᵢ, for weights of mean one."""
    columns = np.column_stack([influence * len(influence), np.ones(len(influence))])
    return Moments(columns, lambda sums: value + _first_over_last(sums))


@dataclass(frozen=True)
class Median:
    """The median of a value of each row, the mean of the two in the middle where their number is even."""

    values: Array

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def value(self) -> float:
        return float(np.median(self.values))

    @cached_property
    def _order(self) -> Array:
        return np.argsort(self.values, kind="stable")

    @cached_property
    def _window(self) -> tuple[int, int]:
        """The median of a draw lies within ±8 standard deviations (√rows / 2) of the middle."""
        reach = int(8 * np.sqrt(self.rows) / 2) + 1
        return max(self.rows // 2 - reach, 0), min(self.rows // 2 + reach, self.rows)

    @property
    def around(self) -> Array:
        """The rows among which the median of a draw is, ascending."""
        return self._order[slice(*self._window)]

    @property
    def below(self) -> Array:
        """1.0 for the rows that lie below all of these."""
        found = np.zeros(self.rows)
        found[self._order[: self._window[0]]] = 1.0
        return found

    def draws(self, weights: Array) -> Array:
        return self.of_parts(weights @ self.below, weights[:, self.around], weights.sum(axis=1))

    def of_parts(self, below: Array, around: Array, total: Array) -> Array:
        """From the weight of the rows below, the weights of those around, and the weight of all."""
        cumulated = below[:, None] + np.cumsum(around, axis=1, dtype=float)
        last = around.shape[1] - 1
        middle = (np.ceil(total / 2) - 1, np.floor(total / 2))
        found = [np.minimum((cumulated <= each[:, None]).sum(axis=1), last) for each in middle]
        ordered = self.values[self.around]
        return np.where(total > 0, (ordered[found[0]] + ordered[found[1]]) / 2, np.nan)

    def influence(self) -> Array:
        """sign(value - median) / 2f: the density f cancels where only skewness is asked of it, and is taken from the middle fifth."""
        low, high = np.quantile(self.values, [0.4, 0.6])
        density = 0.2 / max(high - low, np.finfo(float).tiny)
        return np.asarray(np.sign(self.values - self.value) / (2 * density * self.rows))


def scaled(measure: Moments) -> Moments:
    """In single precision, with columns of a size that it holds: half of the memory for millions of rows."""
    size = np.maximum(np.abs(measure.columns).max(axis=0), np.finfo(float).tiny)
    of_sums = measure.of_sums
    return replace(measure, columns=(measure.columns / size).astype(np.float32), of_sums=lambda sums: of_sums(sums * size))
