"""Every score under weights is what scikit-learn gives with these sample weights, and its influence values are its derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from ferrata.statistics.measures import LINEAR_FROM, Median, Ranked
from ferrata.statistics.scores import SCORES, Rows, auc

GENERATOR = np.random.default_rng(7)
ROWS = 60


def two_classes(*, is_tied: bool = False) -> Rows:
    truth = GENERATOR.integers(0, 2, ROWS)
    given = np.clip(0.3 * truth + GENERATOR.random((2, ROWS)) * 0.7, 0.01, 0.99)
    given = np.round(given, 1) if is_tied else given
    probabilities = [np.column_stack([1 - each, each]) for each in given]
    return Rows(truth, *((each > 0.5).astype(int) for each in given), ("No", "Yes"), *probabilities)


def three_classes() -> Rows:
    truth, first, second = GENERATOR.integers(0, 3, (3, ROWS))
    probabilities = GENERATOR.dirichlet(np.ones(3), (2, ROWS))
    return Rows(truth, first, second, ("a", "b", "c"), *probabilities)


def numbers() -> Rows:
    truth = GENERATOR.gamma(3.0, 4.0, ROWS)
    return Rows(truth, truth + GENERATOR.normal(size=ROWS), truth + GENERATOR.normal(size=ROWS))


TWO, TIED, THREE, NUMBERS = two_classes(), two_classes(is_tied=True), three_classes(), numbers()


def averaged(function, average):  # type: ignore[no-untyped-def]
    return lambda truth, second, given, weights: function(truth, second, average=average, sample_weight=weights, zero_division=0)


LABELS = {
    "accuracy": lambda truth, second, given, weights: sk.accuracy_score(truth, second, sample_weight=weights),
    "balanced accuracy": lambda truth, second, given, weights: sk.balanced_accuracy_score(truth, second, sample_weight=weights),
    **{f"{name} {average}": averaged(function, average) for average in ("macro", "weighted")
       for name, function in (("f1", sk.f1_score), ("precision", sk.precision_score), ("recall", sk.recall_score))},
}  # fmt: skip
BINARY = {name: averaged(function, "binary") for name, function in (("f1", sk.f1_score), ("precision", sk.precision_score), ("recall", sk.recall_score))}
CHANCES = {
    "AUC": lambda truth, second, given, weights: sk.roc_auc_score(truth, given[:, 1], sample_weight=weights),
    "average precision": lambda truth, second, given, weights: sk.average_precision_score(truth, given[:, 1], sample_weight=weights),
    "Brier": lambda truth, second, given, weights: sk.brier_score_loss(truth, given[:, 1], sample_weight=weights),
}
ONE_VS_REST = {
    "AUC": lambda truth, second, given, weights: sk.roc_auc_score(truth, given, multi_class="ovr", average="macro", sample_weight=weights),
}
LOSS = {"log loss": lambda truth, second, given, weights: sk.log_loss(truth, given, sample_weight=weights)}
OF_NUMBERS = {
    "RMSE": lambda truth, second, given, weights: sk.root_mean_squared_error(truth, second, sample_weight=weights),
    "MSE": lambda truth, second, given, weights: sk.mean_squared_error(truth, second, sample_weight=weights),
    "MAE": lambda truth, second, given, weights: sk.mean_absolute_error(truth, second, sample_weight=weights),
    "R²": lambda truth, second, given, weights: sk.r2_score(truth, second, sample_weight=weights),
    "MAPE": lambda truth, second, given, weights: sk.mean_absolute_percentage_error(truth, second, sample_weight=weights),
    "MedAE": lambda truth, second, given, weights: sk.median_absolute_error(np.repeat(truth, weights), np.repeat(second, weights)),
}
CASES = [
    *((name, rows, function) for rows in (TWO, TIED) for name, function in {**LABELS, **BINARY, **CHANCES, **LOSS}.items()),
    *((name, THREE, function) for name, function in {**LABELS, **LOSS, **ONE_VS_REST}.items()),
    *((name, NUMBERS, function) for name, function in OF_NUMBERS.items()),
]  # fmt: skip


def of_rows(rows: Rows, name: str, weights: np.ndarray) -> float:
    """The measure of the second version; scores of labels are weighed by cells of alike rows."""
    pair = SCORES[name].pair(rows)
    if pair.counts is None:
        return float(pair.second.draws(weights[None].astype(float))[0])
    classes = len(rows.classes or ())
    code = (rows.truth * classes + rows.first) * classes + rows.second
    in_cells = np.array([weights[code == cell].sum() for cell in np.unique(code)])
    return float(pair.second.draws(in_cells[None].astype(float))[0])


@pytest.mark.parametrize(("name", "rows", "function"), CASES, ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(CASES)])
def test_under_weights_it_is_scikit_learn_s(name: str, rows: Rows, function) -> None:  # type: ignore[no-untyped-def]
    for weights in (np.ones(ROWS, dtype=int), GENERATOR.poisson(1.0, ROWS), GENERATOR.poisson(1.0, ROWS)):
        expected = function(rows.truth, rows.second, rows.second_probabilities, weights)
        assert of_rows(rows, name, weights) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert SCORES[name].pair(rows).second.value == pytest.approx(function(rows.truth, rows.second, rows.second_probabilities, np.ones(ROWS, dtype=int)))


SMOOTH = [case for case in CASES if case[0] != "MedAE"]


@pytest.mark.parametrize(("name", "rows"), [case[:2] for case in SMOOTH], ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(SMOOTH)])
def test_influence_is_the_derivative(name: str, rows: Rows) -> None:
    measure = SCORES[name].pair(rows).second
    counts = np.ones(measure.rows) if SCORES[name].pair(rows).counts is None else SCORES[name].pair(rows).counts
    found = measure.influence()
    for row in range(0, measure.rows, 7):
        step = np.zeros(measure.rows)
        step[row] = 1e-5
        up, down = measure.draws(np.stack([counts + step, counts - step]))
        assert found[row] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-8)
    assert counts @ found == pytest.approx(0, abs=1e-7), "a score does not change when all rows are counted twice"


def test_a_score_that_a_draw_leaves_undefined_is_no_number() -> None:
    only_negative = np.where(TWO.truth == 1, 0.0, 1.0)[None]
    for name in ("AUC", "average precision"):
        assert np.isnan(SCORES[name].pair(TWO).second.draws(only_negative)).all()
    assert np.isnan(SCORES["RMSE"].pair(NUMBERS).second.draws(np.zeros((1, ROWS)))).all()


def test_many_rows_are_drawn_by_their_influence_with_the_same_spread() -> None:
    rows = LINEAR_FROM + 1
    truth = GENERATOR.integers(0, 2, rows)
    weights = GENERATOR.poisson(1.0, (40, rows)).astype(float)
    for kind in ("auc", "average_precision"):
        measure = Ranked(kind, truth, truth + GENERATOR.normal(size=rows))
        exact, fast = measure.draws(weights), measure.drawable().draws(weights)
        assert (fast - exact).std() < 0.05 * exact.std()


def test_of_several_classes_too() -> None:
    rows = LINEAR_FROM + 1
    truth = GENERATOR.integers(0, 3, rows)
    weights = GENERATOR.poisson(1.0, (40, rows)).astype(float)
    measure = auc(truth, np.eye(3)[truth] + GENERATOR.normal(size=(rows, 3)))
    exact, fast = measure.draws(weights), measure.drawable().draws(weights)
    assert (fast - exact).std() < 0.05 * exact.std()
    only_two = np.where(truth == 2, 0.0, 1.0)[None]
    assert np.isnan(measure.draws(only_two)).all(), "a class without rows has no area"


def test_the_median_looks_only_around_the_middle() -> None:
    values = GENERATOR.normal(size=5000)
    weights = GENERATOR.poisson(1.0, (20, 5000))
    expected = [np.median(np.repeat(values, each)) for each in weights]
    assert Median(values).draws(weights.astype(float)) == pytest.approx(expected)


def test_what_does_not_fit_is_not_offered() -> None:
    offered = {name for name, score in SCORES.items() if score.fits(THREE)}
    assert "f1" not in offered and "average precision" not in offered and {"f1 macro", "log loss", "accuracy", "AUC"} <= offered
    assert {name for name, score in SCORES.items() if score.fits(NUMBERS)} == {"RMSE", "MSE", "MAE", "R²", "MAPE", "MedAE"}
    without = Rows(TWO.truth, TWO.first, TWO.second, TWO.classes)
    assert "AUC" not in {name for name, score in SCORES.items() if score.fits(without)}
