"""Where no name holds the model, the author is told what gives it one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from ferrata.flow.deriving import Deriver
from ferrata.records.analysis import Model


def said(model: Model | None, *kinds: str) -> tuple[int, str]:
    traces = [SimpleNamespace(calls=[SimpleNamespace(kind=kind) for kind in kinds])]
    deriver = SimpleNamespace(ran=SimpleNamespace(observation=SimpleNamespace(traces=traces)))
    found = Deriver._nothing_asked(cast(Any, deriver), cast(Any, SimpleNamespace(model=model)))
    return found.statement, found.why


def test_no_model() -> None:
    assert said(None) == (-1, "the notebook fits no model")


def test_a_model_that_a_function_was_handed_without_a_name() -> None:
    at, why = said(Model("m", "", "sklearn.ensemble.RandomForestRegressor", "regressor", (4, 7)))
    assert at == 7 and "`model = RandomForestRegressor(…)`" in why and "or let the function return it" in why


def test_a_model_with_a_name_that_is_asked_where_nobody_sees_the_rows() -> None:
    model = Model("m", "forest", "sklearn.ensemble.RandomForestRegressor", "regressor", (4,))
    assert said(model, "fit", "predict")[1].endswith("no name holds both")
    assert said(model, "fit")[1].startswith("the notebook asks its model for no prediction")
