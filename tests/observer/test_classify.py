"""What a call is, told from the function that is called."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from ferrata.observer.classify import classify

LinearRegression = pytest.importorskip("sklearn.linear_model").LinearRegression


class Handing:
    """As scikit-learn before 1.1 handed out the methods of a search: a function that holds the object."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn

    def __get__(self, obj: Any, owner: Any = None) -> Callable[..., Any]:
        return functools.update_wrapper(lambda *args, **kwargs: self.fn(obj, *args, **kwargs), self.fn)


def _predict(self: Any, rows: Any) -> Any:
    return [0 for _ in rows]


def model_with(module: str) -> Any:
    _predict.__module__ = module
    return type("Search", (LinearRegression,), {"predict": Handing(_predict), "__module__": module})()


def test_a_function_of_the_authors_that_holds_a_model_is_no_method_of_it() -> None:
    assert classify("predict", model_with("__main__").predict, {}) is None


def test_a_method_that_is_handed_out_as_a_function_belongs_to_its_object() -> None:
    model = model_with("sklearn.model_selection._search")
    found = classify("predict", model.predict, {})
    assert found is not None and found[:2] == ("predict", model)


def test_a_bound_method_belongs_to_its_object() -> None:
    model = LinearRegression()
    found = classify("predict", model.predict, {})
    assert found is not None and found[1] is model
