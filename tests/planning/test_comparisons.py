"""Predictions that are compared with the truth in plain arithmetic: what is a comparison of rows, and what is none."""

from __future__ import annotations

import pytest

from ferrata.steps.planning.comparisons import compared

MADE = {"y_pred", "preds", "labels", "out"}
ARRAYS = ("y", "y_test", "y_pred", "preds", "labels", "out", "test", "other_pred")
TYPES = dict.fromkeys(ARRAYS, "numpy.ndarray") | {"i": "builtins.int", "mean": "builtins.float"}
NONE = (
    "ss = ((y_pred - y_test.mean()) ** 2).sum()",
    "first = y_pred[0] - y_test[0]",
    "one = y_test[i] - y_pred[i]",
    "column = y_test[0, :] - y_pred[0, :]",
    "spread = y_pred - y_pred.mean()",
    "gain = y_pred - other_pred",
    "far = y_pred - mean",
    "busy = (y_pred > 3) == (y_test > 3)",
    "total = y_test - (y_pred + y)",
    "n = len(y_test) - len(y_pred)",
    "same = [a == b for a, b in zip(y_test, y_pred)]",
)
PAIRS = (
    ("rmse = np.sqrt(((y_pred - y_test) ** 2).mean())", ("y_test", "y_pred")),
    ("print((y_test.values == y_pred).mean())", ("y_test.values", "y_pred")),
    ("acc = np.mean(np.array(preds) == np.array(labels))", ("np.array(labels)", "np.array(preds)")),
    ("mae = np.abs(y[test] - y_pred.ravel()).mean()", ("y[test]", "y_pred.ravel()")),
    ("error = y[80:] - y_pred", ("y[80:]", "y_pred")),
    ("wrong = (out.squeeze() != y_test.reshape(-1)).sum()", ("y_test.reshape(-1)", "out.squeeze()")),
)


@pytest.mark.parametrize("source", NONE)
def test_what_is_no_comparison_of_rows(source: str) -> None:
    assert compared(source, MADE, TYPES) is None


@pytest.mark.parametrize(("source", "pair"), PAIRS)
def test_the_truth_and_the_prediction(source: str, pair: tuple[str, str]) -> None:
    assert compared(source, MADE, TYPES) == pair
