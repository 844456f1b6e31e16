"""Which rows the model was asked about, as expressions of the author's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests import by_hand

from ferrata.records.analysis import Model
from ferrata.records.observation import Trace
from ferrata.records.plan import Plan, PlannedStage, PredictionPlan
from ferrata.steps.deriving.question import questions


def with_arguments(trace: Trace, source: str) -> Trace:
    """Each call with the token of its first argument: its name."""
    return replace(trace, calls=tuple(replace(call, arguments={"0": source.split("(")[-1].split(")")[0].split(",")[0]}) for call in trace.calls))


def asked(
    *cells: str, kind: str = "network", of: str = "torch.nn.Linear", compared: PredictionPlan | None = None, fits: tuple[int, ...] = (0,), did: Any = None,
) -> list[str]:
    book = by_hand.code(*cells)
    traces = {trace.index: with_arguments(trace, book.sources[trace.index]) for trace in by_hand.observed(book, did).traces}
    order = tuple(book.sources)
    model = Model("model", "model", of, kind, fits)
    plan = Plan("p", "p", "one", (PlannedStage("train", order),), (), (), (), (), (), model=model, predictions=compared)
    return [each.prediction for each in questions(plan, traces, book.sources)]


NETWORKS = (
    ("predicted = model(inputs).detach().numpy()", ["model(inputs).detach().numpy()"]),
    ("loss = criterion(model(inputs), targets)", ["model(inputs)"]),
    ("for epoch in range(3):\n    outputs = model(inputs)", []),
    ("model = build(inputs)", []),
    ("print(model.weight)", []),
)


@pytest.mark.parametrize(("statement", "expected"), NETWORKS)
def test_a_network_of_torch_is_asked_by_calling_it(statement: str, expected: list[str]) -> None:
    assert asked("model = nn.Linear(1, 1)", statement) == expected
    assert asked("model = nn.Linear(1, 1)", statement, kind="classifier") == []


DRAWN = (
    ("a function", "plot_predict(model, 1, 264)", "forecaster", ["model.predict(1, 264)"]),
    ("the drawing's own arguments", "fig = plot_predict(model, start=1, end=n + 12, alpha=0.1, ax=ax)", "forecaster", ["model.predict(start=1, end=n + 12)"]),
    ("its method", "model.plot_predict(1, 264, False)\nplt.show()", "forecaster", ["model.predict(1, 264, False)"]),
    ("another model", "plot_predict(other, 1, 264)", "forecaster", []),
    ("of no steps", "plot_predict(model)", "forecaster", []),
    ("with a table", "plot_predict(model, 1, 264, exog=X)", "forecaster", []),
    ("no series", "plot_predict(model, 1, 264)", "regressor", []),
)


@pytest.mark.parametrize(("name", "statement", "kind", "expected"), DRAWN, ids=[case[0] for case in DRAWN])
def test_what_a_plot_of_predictions_drew_is_asked(name: str, statement: str, kind: str, expected: list[str]) -> None:
    assert asked("model = ARIMA(y).fit()", statement, kind=kind) == expected


ESTIMATED = (
    ("a formula", 'model = smf.ols("y ~ a + b", data=df).fit()', ["model.predict(df)"]),
    ("a formula, by position", 'model = smf.ols("y ~ a", df[df["a"] > 0]).fit()', ["model.predict(df[df['a'] > 0])"]),
    ("regressors", "model = sm.OLS(y, X).fit()", ["model.predict(X)"]),
    ("regressors by name", "model = sm.OLS(exog=X, endog=y).fit()", ["model.predict(X)"]),
    ("a table made on the spot", "model = sm.OLS(y, sm.add_constant(X)).fit()", []),
    ("another model", "model = sm.GLM(y, X).fit()", []),
)


@pytest.mark.parametrize(("name", "statement", "expected"), ESTIMATED, ids=[case[0] for case in ESTIMATED])
def test_results_of_statsmodels_are_asked_for_the_rows_they_were_made_of(name: str, statement: str, expected: list[str]) -> None:
    assert asked(statement, kind="regressor", of="statsmodels.regression.linear_model.OLS") == expected
    assert asked(statement, kind="forecaster", of="statsmodels.regression.linear_model.OLS") == []


def test_what_was_compared_comes_first_and_what_is_only_made_of_the_model_last() -> None:
    cells = ("model = nn.Linear(1, 1)", "predicted = model(inputs)", "a = model.weight[0] * 2")
    assert asked(*cells, compared=PredictionPlan(1, "y", "predicted")) == ["predicted", "model(inputs)"]
    assert asked(*cells, compared=PredictionPlan(2, "None", "a", is_asked=False)) == ["model(inputs)", "a"]


FITTED_AGAIN = (
    ("asked again after the last fit", ("y_pred = model.predict(X_test)", "model.fit(X, y)", "y_last = model.predict(X_new)"), (1, 3),
     ["model.predict(X_new)", "model.predict(X)", "y_pred"]),
    ("fitted on everything at the end", ("y_pred = model.predict(X_test)", "model.fit(X, y)", "print(1)"), (1, 3), ["model.predict(X)", "y_pred"]),
    ("fitted once", ("y_pred = model.predict(X_test)", "print(1)", "print(2)"), (1,),
     ["y_pred", "model.predict(X_test)", "model.predict(X_train)"]),
    ("asked about a row by hand", ("y_one = model.predict([[60]])", "print(1)", "print(2)"), (1,),
     ["y_pred", "model.predict([[60]])", "model.predict(X_train)"]),
)


@pytest.mark.parametrize(("name", "cells", "fits", "expected"), FITTED_AGAIN, ids=[case[0] for case in FITTED_AGAIN])
def test_what_a_model_answered_before_it_was_fitted_again_is_not_asked_first(
    name: str, cells: tuple[str, ...], fits: tuple[int, ...], expected: list[str]
) -> None:
    made = ("model, X, X_train, X_test, X_new, y = make()", "model.fit(X_train, y)", *cells)
    did = {cell: {kind: cell.split(" = ")[-1], "model": "model"} for cell in made for kind in ("fit", "predict") if f".{kind}(" in cell}
    assert asked(*made, kind="classifier", compared=PredictionPlan(2, "y", "y_pred"), fits=fits, did=did) == expected


def test_a_score_that_the_stages_put_behind_every_fit_is_still_of_the_fit_before_it() -> None:
    cells = ("model, X, X_train, X_test, y = make()", "model.fit(X_train, y)", "y_pred = model.predict(X_test)", "print(score(y_pred))", "model.fit(X, y)")
    did = {cell: {kind: cell.split(" = ")[-1], "model": "model"} for cell in cells for kind in ("fit", "predict") if f".{kind}(" in cell}
    book = by_hand.code(*cells)
    traces = {trace.index: with_arguments(trace, book.sources[trace.index]) for trace in by_hand.observed(book, did).traces}
    model = Model("model", "model", "sklearn.svm.SVC", "classifier", (1, 4))
    stages = (PlannedStage("train", (0, 1, 2, 4)), PlannedStage("evaluate", (3,)))
    plan = Plan("p", "p", "two", stages, (), (), (), (), (), model=model, predictions=PredictionPlan(3, "y", "y_pred"))
    assert [each.prediction for each in questions(plan, traces, book.sources)] == ["model.predict(X)", "y_pred"]


BEST = (
    ("in its own words", ("pred = model.best_estimator_.predict(X_test)",), ["model.predict(X_test)", "model.predict(X)"]),
    ("by a name", ("best = model.best_estimator_", "pred = best.predict(X_test)"), ["model.predict(X_test)", "model.predict(X)"]),
    ("of another search", ("best = other.best_estimator_", "pred = best.predict(X_test)"), ["model.predict(X)"]),
    ("another model", ("best = build()", "pred = best.predict(X_test)"), ["model.predict(X)"]),
)


@pytest.mark.parametrize(("name", "statements", "expected"), BEST, ids=[case[0] for case in BEST])
def test_the_best_model_of_a_search_is_asked_as_the_search_is(name: str, statements: tuple[str, ...], expected: list[str]) -> None:
    cells = ("model, X, X_test, y = make()", "model.fit(X, y)", *statements)
    did = {"model.fit": {"fit": "model.fit(X, y)", "model": "model"}, "pred": {"predict": statements[-1].split(" = ")[-1], "model": "best"}}
    assert asked(*cells, kind="search", of="sklearn.model_selection.GridSearchCV", fits=(1,), did=did) == expected
