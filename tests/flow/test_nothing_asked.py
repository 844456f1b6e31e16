"""Where no name holds the model, the author is told what gives it one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from ferrata.flow.deriving import Deriver
from ferrata.records.analysis import Model


def said(model: Model | None) -> tuple[int, str]:
    found = Deriver._nothing_asked(cast(Any, None), cast(Any, SimpleNamespace(model=model)))
    return found.statement, found.why


def test_no_model() -> None:
    assert said(None) == (-1, "the notebook fits no model")


def test_a_model_that_a_function_was_handed_without_a_name() -> None:
    at, why = said(Model("m", "", "sklearn.ensemble.RandomForestRegressor", "regressor", (4, 7)))
    assert at == 7 and "`model = RandomForestRegressor(…)`" in why and "or let the function return it" in why


def test_a_model_with_a_name_that_is_asked_where_nobody_sees_the_rows() -> None:
    assert said(Model("m", "forest", "sklearn.ensemble.RandomForestRegressor", "regressor", (4,)))[1].endswith("no name holds both")
