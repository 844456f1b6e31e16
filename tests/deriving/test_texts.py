"""What `predict.py` says of rows that it cannot answer."""

from __future__ import annotations

from typing import Any

import pytest

from ferrata.steps.deriving.texts import CLOSING, OPENING

MODULE = """
import functools
import pandas as pd
INPUTS = {"area": "int64", "city": "object", "kind": "object"}
COLUMNS, FILLERS, CATEGORIES, CLASSES, MISSING = list(INPUTS), {}, {}, [], float("nan")
EXAMPLE = {"area": 70, "city": "Bern", "kind": "loft"}
TAXES, KINDS = {"Bern": 1.5, "Basel": 1.2}, {"loft": 2, "attic": 1}

def label(value):
    return value

def answers(rows, state):
    if ((rows["city"] == "Basel") & (rows["kind"] == "attic")).any():
        raise ValueError("no attics in Basel")
    return [area * TAXES[city] * KINDS[kind] for area, city, kind in zip(rows["area"], rows["city"], rows["kind"])], ()
"""

GOOD = {"area": 100, "city": "Basel", "kind": "loft"}
REFUSED = {
    "one value": ({**GOOD, "city": "Chur"}, ("city", "KeyError: 'Chur'")),
    "two values: the first with its own reason": ({**GOOD, "city": "Chur", "kind": "cellar"}, ("city", "KeyError: 'Chur'")),
    "two that go with others": ({**GOOD, "kind": "attic"}, ("city", "ValueError: no attics in Basel")),
    "a field": ({"area": 1, "city": "Bern"}, ("kind", "it is missing")),
    "several fields": ({"city": "Bern"}, ("area", "it is missing, and with it kind")),
    "words for a number": ({**GOOD, "area": "much"}, ("area", "'much' is not a number")),
}


@pytest.fixture(scope="module")
def predict() -> dict[str, Any]:
    made: dict[str, Any] = {}
    exec(compile(MODULE + OPENING + CLOSING, "predict.py", "exec"), made)
    return made


def test_what_can_be_answered_is(predict: dict[str, Any]) -> None:
    assert predict["predict"]([GOOD, {**GOOD, "city": "Bern"}], None) == [{"prediction": 240.0}, {"prediction": 300.0}]


@pytest.mark.parametrize(("row", "said"), REFUSED.values(), ids=REFUSED)
def test_the_field_is_named_with_its_reason(predict: dict[str, Any], row: dict[str, Any], said: tuple[str, str]) -> None:
    with pytest.raises(predict["Rejected"]) as caught:
        predict["predict"]([row], None)
    assert (caught.value.field, caught.value.message) == said
    assert caught.value.index == 0
