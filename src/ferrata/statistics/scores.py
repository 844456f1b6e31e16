"""The scores we compare: what each needs, which way is up, and its measure on both versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ferrata.statistics.bootstrap import Pair
from ferrata.statistics.labels import Decided, cells_of, decided
from ferrata.statistics.measures import Array, Median, Moments, OneVsRest, Ranked, mean_of, r2, root_mean_of

# Classes beyond this are more than tables of them can hold.
MOST_CLASSES = 200


@dataclass(frozen=True)
class Rows:
    """Both versions on the same rows. `classes` are the labels in order, None for numbers. Predictions are numbers of classes then; probabilities are
    rows × classes, or None where a version has not recorded them.
    """

    truth: Array
    first: Array
    second: Array
    classes: tuple[Any, ...] | None = None
    first_probabilities: Array | None = None
    second_probabilities: Array | None = None

    @property
    def count(self) -> int:
        return len(self.truth)

    def subset(self, chosen: Array) -> Rows:
        first, second = (None if each is None else each[chosen] for each in (self.first_probabilities, self.second_probabilities))
        return Rows(self.truth[chosen], self.first[chosen], self.second[chosen], self.classes, first, second)

    @cached_property
    def decided(self) -> tuple[Decided, Decided]:
        assert self.classes is not None
        return decided(self.truth, self.first, self.second, len(self.classes))

    @cached_property
    def cells(self) -> Array:
        """Of each row, which of the cells of `decided` it fell in."""
        assert self.classes is not None
        return cells_of(self.truth, self.first, self.second, len(self.classes))


@dataclass(frozen=True)
class Score:
    """`needs`: `labels`, `two labels`, `probabilities`, `two probabilities` or `numbers`. `is_share`: it has no unit, so that a margin is absolute."""

    name: str
    needs: str
    pair: Callable[[Rows], Pair]
    is_up_better: bool = True
    is_share: bool = True

    def fits(self, rows: Rows) -> bool:
        if rows.classes is None or self.needs == "numbers":
            return rows.classes is None and self.needs == "numbers"
        if "probabilities" in self.needs and (rows.first_probabilities is None or rows.second_probabilities is None):
            return False
        return len(rows.classes) == 2 if self.needs.startswith("two ") else 2 <= len(rows.classes) <= MOST_CLASSES


def _of_labels(make: Callable[[Decided], Moments]) -> Callable[[Rows], Pair]:
    return lambda rows: Pair(*(make(side) for side in rows.decided))


def _of_numbers(make: Callable[[Array, Array], Any]) -> Callable[[Rows], Pair]:
    return lambda rows: Pair(make(rows.truth, rows.first), make(rows.truth, rows.second))


def _of_probabilities(make: Callable[[Array, Array], Any]) -> Callable[[Rows], Pair]:
    return lambda rows: Pair(make(rows.truth, _known(rows.first_probabilities)), make(rows.truth, _known(rows.second_probabilities)))


def _known(probabilities: Array | None) -> Array:
    assert probabilities is not None
    return probabilities


def log_losses(truth: Array, probabilities: Array) -> Array:
    """-log of the probability of the true class, one a row; probabilities that do not sum to 1 are scaled, as scikit-learn does."""
    least = np.finfo(float).eps
    given = np.clip(probabilities.astype(float), least, 1 - least)
    return np.asarray(-np.log(given[np.arange(len(truth)), truth.astype(int)] / given.sum(axis=1)))


def brier(truth: Array, probabilities: Array) -> Array:
    """The squared error of the probability of the second class; summed over all classes where there are more than two."""
    if probabilities.shape[1] == 2:
        return np.asarray((probabilities[:, 1] - truth) ** 2)
    return np.asarray(((probabilities - np.eye(probabilities.shape[1])[truth.astype(int)]) ** 2).sum(axis=1))


def auc(truth: Array, probabilities: Array) -> Ranked | OneVsRest:
    """Of the second of two classes; of more, each against the rest."""
    if probabilities.shape[1] == 2:
        return Ranked("auc", truth, probabilities[:, 1])
    return OneVsRest(tuple(Ranked("auc", (truth == number).astype(int), probabilities[:, number]) for number in range(probabilities.shape[1])))


def _relative(truth: Array, prediction: Array) -> Array:
    return np.asarray(np.abs(truth - prediction) / np.maximum(np.abs(truth), np.finfo(float).eps))


def _averaged(name: str, average: str) -> Score:
    needs = "two labels" if average == "binary" else "labels"
    return Score(name if average == "binary" else f"{name} {average}", needs, _of_labels(lambda side: getattr(side, name)(average)))


_LIST = (
    Score("accuracy", "labels", _of_labels(lambda side: side.accuracy())),
    Score("balanced accuracy", "labels", _of_labels(lambda side: side.balanced_accuracy())),
    *(_averaged(name, average) for average in ("binary", "macro", "weighted") for name in ("f1", "precision", "recall")),
    Score("AUC", "probabilities", _of_probabilities(lambda truth, given: auc(truth, given))),
    Score("average precision", "two probabilities", _of_probabilities(lambda truth, given: Ranked("average_precision", truth, given[:, 1]))),
    Score("log loss", "probabilities", _of_probabilities(lambda truth, given: mean_of(log_losses(truth, given))), False, False),
    Score("Brier", "probabilities", _of_probabilities(lambda truth, given: mean_of(brier(truth, given))), False),
    Score("RMSE", "numbers", _of_numbers(lambda truth, given: root_mean_of((truth - given) ** 2)), False, False),
    Score("MSE", "numbers", _of_numbers(lambda truth, given: mean_of((truth - given) ** 2)), False, False),
    Score("MAE", "numbers", _of_numbers(lambda truth, given: mean_of(np.abs(truth - given))), False, False),
    Score("R²", "numbers", _of_numbers(r2)),
    Score("MAPE", "numbers", _of_numbers(lambda truth, given: mean_of(_relative(truth, given))), False),
    Score("MedAE", "numbers", _of_numbers(lambda truth, given: Median(np.abs(truth - given))), False, False),
)
SCORES: Mapping[str, Score] = {score.name: score for score in _LIST}
