"""The numbers a notebook computes about its models: which are scores, what they are called, and whose they are."""

from __future__ import annotations

from typing import Any

import pytest

from by_hand import site
from ferrata.records.analysis import Score
from ferrata.records.observation import Call, Number, Trace
from ferrata.steps.analysing.scores import clock_names, find_scores


def metric(source: str, text: str, function: str = "sklearn.metrics._classification.accuracy_score", **fields: Any) -> Call:
    return Call("score", function, site(source, text), **fields)


def number(source: str, text: str, value: Any, role: str = "score", **fields: Any) -> Number:
    return Number(site(source, text), value, role, **fields)


def scores_of(*statements: tuple[str, dict[str, Any]], fitted: set[int] | None = None) -> tuple[Score, ...]:
    """Each statement is its text with fields of its trace; all depend on a fitted model when `fitted` is None."""
    sources = {index: source for index, (source, _) in enumerate(statements)}
    traces = [Trace(index, **did) for index, (_, did) in enumerate(statements)]
    return find_scores(traces, sources, set(sources) if fitted is None else fitted)


def shown(source: str, text: str, value: Any, role: str = "assigned", **fields: Any) -> tuple[str, dict[str, Any]]:
    return source, {"numbers": (number(source, text, value, role, **fields),)}


def scored(source: str, text: str, value: Any = 0.9, **fields: Any) -> tuple[str, dict[str, Any]]:
    return source, {"calls": (metric(source, text, **fields),), "numbers": (number(source, text, value),)}


NOT_SCORES = {
    "a count": shown("n = len(y)", "len(y)", 80, name="n"),
    "a flag": shown("ok = bool(p)", "bool(p)", True, name="ok"),
    "a text": shown("t = str(p)", "str(p)", "0.5", name="t"),
    "nothing": shown("t = f(p)", "f(p)", None, name="t"),
    "a bound list": shown("t = list(p)", "list(p)", [0.1, 0.2], name="t"),
    "shown counts": shown("print(c)", "c", [1, 2], role="printed", name="c"),
    "an empty list": shown("print(c)", "c", [], role="printed", name="c"),
    "a time of day": shown("t = time.time()", "time.time()", 1e9, name="t"),
    "a gradient that a method of the author's class keeps to itself": shown(
        "class Scratch:\n    def fit(self, X, y):\n        db = np.sum(X @ self.w - y)", "np.sum(X @ self.w - y)", 0.5, name="db",
    ),
    "seconds passed": shown("print(perf_counter() - t)", "perf_counter() - t", 2.5, role="printed"),
}


@pytest.mark.parametrize("name", NOT_SCORES)
def test_not_a_score(name: str) -> None:
    assert scores_of(NOT_SCORES[name]) == ()


@pytest.mark.parametrize("role", ["assigned", "printed", "displayed"])
def test_a_number_before_any_model_is_exploration(role: str) -> None:
    assert scores_of(shown("m = y.mean()", "y.mean()", 0.5, role=role), fitted=set()) == ()


def test_a_metric_of_two_columns_before_any_model_is_exploration() -> None:
    assert scores_of(scored("accuracy_score(a, b)", "accuracy_score(a, b)"), fitted=set()) == ()


@pytest.mark.parametrize("function", ["sklearn.model_selection._validation.cross_val_score", "sklearn.metrics.cluster._unsupervised.silhouette_score"])
def test_a_metric_that_fits_itself_or_needs_no_model_counts(function: str) -> None:
    assert len(scores_of(scored("s = f(a, b)", "f(a, b)", function=function), fitted=set())) == 1


def test_formatting_a_score_is_not_a_second_score() -> None:
    source = "print(round(accuracy_score(y, p) * 100, 2))"
    inner, outer = "accuracy_score(y, p)", "round(accuracy_score(y, p) * 100, 2)"
    did = {"calls": (metric(source, inner),), "numbers": (number(source, inner, 0.9), number(source, outer, 90.0, "printed"))}
    assert [(s.name, s.values) for s in scores_of((source, did))] == [("accuracy", (0.9,))]


def test_a_name_that_is_printed_again_is_kept_once() -> None:
    found = scores_of(shown("mae = abs(y - p)", "abs(y - p)", 0.5, name="mae"), shown("print(mae)", "mae", 0.5, role="printed", name="mae"))
    assert [(s.name, s.role, s.runs) for s in found] == [("mae", "assigned", (0,))]


def test_a_printed_name_counts_where_it_was_not_seen_bound() -> None:
    found = scores_of(shown("print(mae)", "mae", 0.5, role="printed", name="mae"))
    assert [(s.name, s.role) for s in found] == [("mae", "printed")]


NAMES = {
    "the number's own name": (shown("mae = abs(y - p)", "abs(y - p)", 0.5, name="mae"), "mae"),
    "the name the call is bound to": (scored("acc = accuracy_score(y, p)", "accuracy_score(y, p)"), "acc"),
    "the metric, shortened": (scored("print(accuracy_score(y, p))", "accuracy_score(y, p)"), "accuracy"),
    "the metric's function without its suffix": (scored("r2_score(y, p)", "r2_score(y, p)", function="sklearn.metrics._regression.r2_score"), "r2"),
    "a metric that has no suffix": (scored("f(y, p)", "f(y, p)", function="sklearn.metrics._regression.mean_squared_error"), "mean_squared_error"),
    "the model's own score": (
        scored("knn.score(X, y)", "knn.score(X, y)", function="sklearn.base.ClassifierMixin.score", receiver="1", receiver_name="knn"), "knn_score"),
    "the score of a model without a name": (
        scored("KNN().score(X, y)", "KNN().score(X, y)", function="sklearn.base.ClassifierMixin.score", receiver="1", receiver_name="KNN()"), "score"),
    "the text of an expression": (shown("print((y == p).mean() * 100)", "(y == p).mean() * 100", 91.0, role="printed"), "y_p_mean_100"),
    "letters of other alphabets": (shown("print(erreur_mêlée(y))", "erreur_mêlée(y)", 9.5, role="printed"), "erreur_mêlée_y"),
}


@pytest.mark.parametrize("name", NAMES)
def test_its_name_is(name: str) -> None:
    statement, expected = NAMES[name]
    assert [score.name for score in scores_of(statement)] == [expected]


def test_a_loop_gives_one_score_with_every_value_in_order() -> None:
    source = "for k in ks:\n    s.append(accuracy_score(y, p))"
    text = "accuracy_score(y, p)"
    did = {"calls": (metric(source, text),) * 3, "numbers": tuple(number(source, text, value) for value in (0.5, 0.7, 0.6))}
    (found,) = scores_of((source, did))
    assert (found.values, found.runs, found.is_structured) == ((0.5, 0.7, 0.6), (0, 0, 0), False)


def test_a_score_in_a_helper_stands_in_the_helper_and_has_the_runs_of_its_callers() -> None:
    helper = "def show(y, p):\n    print(accuracy_score(y, p))"
    text = "accuracy_score(y, p)"
    ran = {"calls": (metric(helper, text, statement=0),), "numbers": (number(helper, text, 0.9, statement=0),)}
    found = scores_of((helper, {"binds": ("show",)}), ("show(y, p)", ran), ("show(y2, p2)", ran), fitted={1, 2})
    assert [(s.name, s.statement, s.runs, s.values) for s in found] == [("accuracy", 0, (1, 2), (0.9, 0.9))]


@pytest.mark.parametrize(("value", "is_structured"), [(0.5, False), (3, False), ([[1, 2], [3, 4]], True), ("precision recall", True)])
def test_tables_and_reports_are_structured(value: Any, is_structured: bool) -> None:
    (found,) = scores_of(scored("report(y, p)", "report(y, p)", value, function="sklearn.metrics.classification_report"))
    assert found.is_structured is is_structured


CLOCKS = {
    "a stop watch": (["start = time.time()", "model.fit(X)", "took = time.time() - start", "minutes = took / 60"], {"start", "took", "minutes"}),
    "dates of the data are no clock": (["d = pd.to_datetime(df.t)", "m = d.max()"], set()),
    "a score that is computed beside the clock": (["start = time.time()", "acc = accuracy_score(y, p)"], {"start"}),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_clock_names(name: str) -> None:
    lines, expected = CLOCKS[name]
    traces = []
    for index, line in enumerate(lines):
        target, _, value = line.partition(" = ")
        reads = tuple(word for word in ("start", "took", "d") if word in value.replace("/", " ").replace("-", " ").split())
        calls = (metric(line, "accuracy_score(y, p)"),) if "accuracy" in line else ()
        traces.append(Trace(index, reads=reads, binds=(target,) if value else (), calls=calls))
    assert clock_names(traces, dict(enumerate(lines))) == expected
