"""Several trainings of both versions: what must not be taken for a difference first."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ferrata.statistics.repeated import corrected_t
from ferrata.statistics.scores import SCORES, Rows
from ferrata.statistics.trained import judge_splits, judge_trained, of_rows
from ferrata.statistics.verdict import judge

GENERATOR = np.random.default_rng(3)
NAMES = ["accuracy", "f1", "AUC", "log loss"]


def trainings(count: int, moves: float, better: float, rows: int = 300) -> list[Rows]:
    """The same rows, whose versions move up and down together by `moves` from training to training, each in its own way."""
    signal = GENERATOR.normal(size=rows)
    truth = (GENERATOR.random(rows) < 1 / (1 + np.exp(-2 * signal))).astype(int)
    found = []
    for _ in range(count):
        pulls = GENERATOR.normal(size=(2, 1)) * moves
        noise = GENERATOR.normal(size=(2, rows)) * np.array([[1.0], [1 - better]])
        given = 1 / (1 + np.exp(-(signal + noise + pulls)))
        found.append(Rows(truth, *((each > 0.5).astype(int) for each in given), ("no", "yes"), *(np.column_stack([1 - each, each]) for each in given)))
    return found


def test_a_difference_of_one_training_is_not_one_of_the_version() -> None:
    """The first training tells them apart; with the others it is seen to be one of them."""
    lucky = next(each for each in (trainings(6, 1.5, 0.0) for _ in range(200)) if judge(each[0], ["accuracy"], "accuracy")[0].verdict in ("better", "worse"))
    assert judge_trained(lucky, ["accuracy"], "accuracy")[0].verdict == "cannot tell"


def test_scores_are_means_over_the_trainings() -> None:
    given = trainings(5, 0.3, 0.5)
    for each in judge_trained(given, NAMES, "accuracy"):
        alone = [SCORES[each.name].pair(rows) for rows in given]
        assert each.first == pytest.approx(np.mean([pair.first.value for pair in alone]))
        assert each.difference == pytest.approx(np.mean([pair.difference for pair in alone]))
        assert each.low < each.difference < each.high


def test_the_same_training_again_adds_nothing() -> None:
    """What is left is the rows, and their error is that of one training."""
    (rows,) = trainings(1, 0.0, 0.4)
    for name in NAMES:
        (one,), (many,) = judge(rows, [name], name), judge_trained([rows] * 4, [name], name)
        assert many.standard_error == pytest.approx(one.standard_error, rel=0.1) and many.difference == pytest.approx(one.difference)


def test_both_errors_add() -> None:
    given = trainings(8, 0.8, 0.3)
    for each in judge_trained(given, NAMES, "accuracy"):
        pairs = [SCORES[each.name].pair(rows) for rows in given]
        influence = np.mean([of_rows(pair.second, rows) - of_rows(pair.first, rows) for pair, rows in zip(pairs, given, strict=True)], axis=0)
        seeds = float(np.std([pair.difference for pair in pairs], ddof=1)) / math.sqrt(8)
        assert each.standard_error == pytest.approx(math.hypot(float(np.sqrt((influence**2).sum())), seeds), rel=0.08)


def test_influence_of_rows_is_that_of_their_cells() -> None:
    (rows,) = trainings(1, 0.0, 0.2)
    found = of_rows(SCORES["accuracy"].pair(rows).second, rows)
    assert found == pytest.approx(((rows.second == rows.truth) - (rows.second == rows.truth).mean()) / rows.count)


def test_over_splits_it_is_nadeau_and_bengio_s_test() -> None:
    given = [trainings(1, 0.2, 0.5, rows=100)[0] for _ in range(10)]
    (judged,) = judge_splits(given, ["accuracy"], "accuracy", training_rows=400)
    differences = [SCORES["accuracy"].pair(rows).difference for rows in given]
    expected = corrected_t(differences, 100, 400)
    assert (judged.low, judged.high, judged.p_value) == pytest.approx((expected.low, expected.high, expected.p_value))
    assert judged.standard_error == pytest.approx(math.sqrt((1 / 10 + 100 / 400) * np.var(differences, ddof=1)))
