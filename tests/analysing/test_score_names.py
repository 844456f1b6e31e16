"""Names that tell scores apart, from the models and the rows they are about."""

from __future__ import annotations

import pytest

from ferrata.records.analysis import Model, Score
from ferrata.records.observation import Call, Site, Trace
from ferrata.steps.analysing.score_names import named_apart

HERE = Site(1, 0, 1, 9)
FOREST, TREE, LINE = "sklearn.ensemble.RandomForestClassifier", "sklearn.tree.DecisionTreeClassifier", "sklearn.linear_model.LogisticRegression"

Row = tuple[str, str, str]  # name, token of the model, name of the first argument

# The models (token, name, type), the scores, and their names in the end.
CASES: dict[str, tuple[list[tuple[str, str, str]], list[Row], list[str]]] = {
    # What must stay as it is.
    "each has its own": ([("a", "lr", LINE)], [("acc", "a", "y_test"), ("f1", "a", "y_test")], ["acc", "f1"]),
    "nothing tells them apart": ([("a", "lr", LINE)], [("acc", "a", "y_test")] * 3, ["acc", "acc_2", "acc_3"]),
    "one of unknown model": ([("a", "lr", LINE)], [("acc", "a", "y"), ("acc", "", "y")], ["acc", "acc_2"]),
    "one of unknown rows": ([("a", "lr", LINE)], [("acc", "a", "y_test"), ("acc", "a", "y")], ["acc", "acc_2"]),
    "an own name like a number": ([], [("acc", "", "y"), ("acc_2", "", "y"), ("acc", "", "y")], ["acc", "acc_2", "acc_3"]),
    "a word that only looks like rows": ([], [("acc", "", "latest"), ("acc", "", "trained_y")], ["acc", "acc_2"]),
    # What tells them apart.
    "models": ([("a", "lr", LINE), ("b", "rf", FOREST)], [("acc", "a", "y"), ("acc", "b", "y")], ["acc_lr", "acc_rf"]),
    "models of one name": (
        [("a", "model", TREE), ("b", "model", FOREST)], [("acc", "a", "y"), ("acc", "b", "y")],
        ["acc_decision_tree_classifier", "acc_random_forest_classifier"],
    ),
    "a model without a name": ([("a", "", LINE), ("b", "rf", FOREST)], [("acc", "a", "y"), ("acc", "b", "y")], ["acc_logistic_regression", "acc_rf"]),
    "rows": ([], [("acc", "", "y_train"), ("acc", "", "y_test")], ["acc_train", "acc_test"]),
    "rows by other words": ([], [("acc", "", "ytr"), ("acc", "", "y_tr"), ("acc", "", "y_te")], ["acc", "acc_2", "acc_3"]),
    "both": (
        [("a", "lr", LINE), ("b", "rf", FOREST)],
        [("acc", "a", "Y_train"), ("acc", "a", "Y_test"), ("acc", "b", "Y_train"), ("acc", "b", "Y_test")],
        ["acc_lr_train", "acc_lr_test", "acc_rf_train", "acc_rf_test"],
    ),
    "a name that is taken": (
        [("a", "lr", LINE), ("b", "rf", FOREST)], [("acc_lr", "", "z"), ("acc", "a", "y"), ("acc", "b", "y")], ["acc_lr", "acc_lr_2", "acc_rf"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_named_apart(name: str) -> None:
    models, rows, expected = CASES[name]
    known = [Model(token, own, kind, "classifier", ()) for token, own, kind in models]
    traces = [Trace(i, calls=(Call("score", "accuracy_score", HERE, argument_names={"0": argument}),)) for i, (_, _, argument) in enumerate(rows)]
    scores = [Score(score, i, HERE, (i,), (0.5,)) for i, (score, _, _) in enumerate(rows)]
    found = named_apart(scores, known, traces, {i: token for i, (_, token, _) in enumerate(rows)})
    assert [score.name for score in found] == expected
    assert len(set(expected)) == len(expected)
