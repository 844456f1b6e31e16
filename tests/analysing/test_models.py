"""The models a notebook fits, whose each score is, and which of them is the model."""

from __future__ import annotations

from typing import Any

import pytest

from ferrata.records.analysis import Model, Score
from ferrata.records.observation import Call, Site, Trace, Value
from ferrata.steps.analysing.models import find_models
from ferrata.steps.planning.choice import choose

HERE, THERE = Site(1, 0, 1, 9), Site(2, 0, 2, 9)


def fit(token: str, name: str = "", model: str = "classifier") -> Call:
    return Call("fit", f"library.{model}.fit", HERE, receiver=token, receiver_type=f"library.{model}", receiver_name=name, model=model)


def holds(name: str, token: str) -> Value:
    return Value(name, "library.classifier", token, token)


def score(run: int, site: Site = HERE, value: float = 0.5, function: str = "sklearn.metrics.accuracy_score", **fields: Any) -> Score:
    return Score("s", run, site, (run,), (value,), function=function, **fields)


def models(*traces: Trace, scores: tuple[Score, ...] = ()) -> list[tuple[str, tuple[int, ...]]]:
    return [(model.name, model.fits) for model in find_models(traces, scores)[0]]


def test_what_only_prepares_is_no_model() -> None:
    assert models(Trace(0, calls=(fit("1", "scaler", "transformer"), fit("2", "smote", "resampler"), fit("3", "best", "selector")))) == []


def test_a_model_has_the_name_that_holds_it_after_its_last_fit() -> None:
    traces = (
        Trace(0, binds=("clf",), values=(holds("clf", "1"),)),
        Trace(1, calls=(fit("1", "clf"),)),
        Trace(2, binds=("best",), values=(holds("best", "1"),)),
        Trace(3, calls=(fit("1", "clf"),)),
        Trace(4, binds=("clf",), values=(holds("clf", "9"),)),
    )
    assert models(*traces) == [("best", (1, 3))]


def test_a_model_made_and_fitted_in_one_line_has_the_name_it_is_bound_to() -> None:
    assert models(Trace(0, binds=("m",), values=(holds("m", "1"),), calls=(fit("1", "LogisticRegression()"),))) == [("m", (0,))]


def test_of_statsmodels_the_results_are_what_was_fitted() -> None:
    call = Call("fit", "statsmodels.tsa.arima.model.ARIMA.fit", HERE, receiver="m", receiver_type="statsmodels.tsa.arima.model.ARIMA",
                receiver_name="model", result="r", model="forecaster")
    made = Trace(0, binds=("model",), values=(holds("model", "m"),))
    fitted = Trace(1, binds=("results",), values=(holds("results", "r"),), calls=(call,))
    assert models(made, fitted) == [("results", (1,))]


def test_a_model_inside_a_helper_has_no_name_but_its_own() -> None:
    assert models(Trace(0, calls=(fit("1", "self.model"),)), Trace(1, calls=(fit("2", "inner"),))) == [("", (0,)), ("inner", (1,))]


def test_a_fit_twice_in_one_statement_is_one_place() -> None:
    assert models(Trace(0, calls=(fit("1", "m"), fit("1", "m")))) == [("m", (0,))]


def owner(*traces: Trace, asked: Score) -> str:
    return find_models(traces, (asked,))[1][0].model


def metric(site: Site = HERE, **arguments: str) -> Call:
    return Call("score", "sklearn.metrics.accuracy_score", site, arguments=arguments)


def test_a_score_belongs_to_the_model_whose_predictions_it_got_not_to_the_last_one() -> None:
    traces = (
        Trace(0, calls=(fit("a"),)), Trace(1, calls=(fit("b"),)),
        Trace(2, calls=(Call("predict", "library.predict", HERE, receiver="a", result="p"),)),
        Trace(3, calls=(metric(y_pred="p"),)),
    )
    assert owner(*traces, asked=score(3)) == "a"


def test_a_score_of_the_model_itself() -> None:
    assert owner(Trace(0, calls=(fit("a"),)), Trace(1, calls=(fit("b"),)), Trace(2), asked=score(2, model="a")) == "a"


def test_a_score_of_who_knows_what_belongs_to_the_last_model_fitted_before() -> None:
    assert owner(Trace(0, calls=(fit("a"),)), Trace(1, calls=(metric(),)), Trace(2, calls=(fit("b"),)), asked=score(1)) == "a"


def test_a_score_before_every_model_is_nobodys() -> None:
    assert owner(Trace(0, calls=(metric(),)), Trace(1, calls=(fit("a"),)), asked=score(0)) == ""


def test_the_main_metric_is_the_one_that_most_models_have() -> None:
    traces = (Trace(0, calls=(fit("a", "a"),)), Trace(1, calls=(fit("b", "b"),)), Trace(2))
    found, _ = find_models(traces, (
        score(2, model="a", value=0.7), score(2, THERE, model="b", value=0.8),
        score(2, model="a", value=9.0, function="sklearn.metrics.log_loss"),
    ))
    assert [(m.main_score_name, m.main_score) for m in found] == [("accuracy", 0.7), ("accuracy", 0.8)]


def test_not_a_number_ranks_nothing() -> None:
    found, _ = find_models((Trace(0, calls=(fit("a", "a"),)), Trace(1)), (score(1, model="a", value=float("nan")),))
    assert found[0].main_score is None


def test_a_model_is_saved_as_receiver_or_as_argument() -> None:
    traces = (
        Trace(0, calls=(fit("a", "a"), fit("b", "b"), fit("c", "c"))),
        Trace(1, calls=(Call("save", "joblib.dump", HERE, arguments={"0": "a"}), Call("save", "keras.Model.save", HERE, receiver="b"))),
    )
    assert [(m.name, m.saved) for m in find_models(traces, ())[0]] == [("a", True), ("b", True), ("c", False)]


def made(name: str, main: float | None = None, metric: str = "accuracy", saved: bool = False, kind: str = "library.Ridge") -> Model:
    return Model(name, name, kind, "classifier", (0,), saved, main, metric if main is not None else "")


A, B = made("a", 0.9), made("b", 0.8)
CHOICES = {
    "none": ((), "", None),
    "asked for a name that is not there": ((A, B), "z", None),
    "the only one": ((made("a"),), "", "a"),
    "the last one, where nothing is scored": ((made("a"), made("b")), "", "b"),
    "the only one with a score": ((A, made("b")), "", "a"),
    "the best, not the last": ((A, B), "", "a"),
    "the best error is the least": ((made("a", 2.0, "mean_squared_error"), made("b", 1.0, "mean_squared_error")), "", "b"),
    "the best loss is the least": ((made("a", 2.0, "log_loss"), made("b", 1.0, "log_loss")), "", "b"),
    "the best criterion is the least": ((made("a", 2.0, "aic"), made("b", 1.0, "aic")), "", "b"),
    "the best coefficient is the largest": ((made("a", -2.0, "r2"), made("b", -1.0, "r2")), "", "b"),
    "a score of nought is a score": ((made("a", 0.0, "r2"), made("b", -1.0, "r2")), "", "a"),
    "the author saved the worse one": ((A, made("b", 0.8, saved=True)), "", "b"),
    "what is asked for comes before what is saved": ((A, made("b", 0.8, saved=True)), "a", "a"),
    "asked for by its class": ((made("a", kind="library.Lasso"), B), "Lasso", "a"),
    "a model in a helper is scored but has no name": ((made("", 0.99), A, B), "", "a"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_model_is(name: str) -> None:
    models_, asked, expected = CHOICES[name]
    chosen, why = choose(models_, asked)
    assert (chosen.name if chosen else None) == expected
    assert why
