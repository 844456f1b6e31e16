"""Models that no object holds: what tells them, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from by_hand import by_index, code, observed
from ferrata.dataflow.graph import dependencies
from ferrata.records.analysis import Model
from ferrata.records.observation import Call, Site, Value
from ferrata.steps.analysing.written_out import find_written_out

LOAD = "data = pd.read_csv('flats.csv')"
ROWS = "x, y = data['area'].values, data['rent'].values"
LEARN = "for _ in range(9):\n    w = w - gradient(x, y, w)"
PREDICT = "def predict(x, w):\n    return w * x"
SHAPES = {"data": [90, 3], "x": [90], "y": [90], "y_hat": [90], "result": [90], "means": [90], "y_pred": [90], "first": [10]}


def found(*cells: str) -> Model | None:
    book = code("import pandas as pd", *cells)
    traces = [_with_values(trace, book.sources[trace.index]) for trace in observed(book).traces]
    return find_written_out(traces, book.sources, dependencies(traces))


def _with_values(trace: Any, source: str) -> Any:
    from dataclasses import replace

    values = tuple(
        Value(value.name, "numpy.ndarray" if value.name in SHAPES else "builtins.float", value.token, "", summary={"shape": SHAPES.get(value.name, [])})
        for value in (*trace.values, *(Value(name, "", name, "") for name in trace.mutates if name not in trace.binds))
    )
    calls = (Call("load", "pandas.read_csv", Site(1, 0, 1, 1)),) if "read_csv" in source else ()
    return replace(trace, values=values, calls=calls)


NONE = {
    "no numbers are learned": (LOAD, ROWS, PREDICT, "w = 2.0", "y_hat = predict(x, w)"),
    "nothing says that it predicts": (LOAD, ROWS, "w = 0.0", LEARN, "result = x * w"),
    "one value for all rows": (LOAD, ROWS, "w = 0.0", LEARN, "pred = x.sum() * w"),
    "the rule looks at rows alone": (LOAD, ROWS, "y_pred = x > 50"),
}


@pytest.mark.parametrize("name", NONE)
def test_what_is_none(name: str) -> None:
    assert found(*NONE[name]) is None


FOUND = (
    ((LOAD, ROWS, PREDICT, "w = 0.0", LEARN, "result = predict(x, w)"), "predict", "result", LEARN),
    ((LOAD, ROWS, "w = 0.0", LEARN, "y_hat = x * w"), "y_hat", "y_hat", LEARN),
    ((LOAD, ROWS, PREDICT, "w = fitted(x, y)", "y_hat = predict(x, w)", "print(y_hat)"), "predict", "y_hat", "w = fitted(x, y)"),
)


@pytest.mark.parametrize(("cells", "word", "answer", "fit"), FOUND)
def test_what_is_one(cells: tuple[str, ...], word: str, answer: str, fit: str) -> None:
    model = found(*cells)
    assert model is not None
    assert (model.type, model.answer, model.name, model.kind) == (word, answer, "", "arithmetic")
    book = code("import pandas as pd", *cells)
    assert [book.sources[index] for index in model.fits] == [fit]
    assert answer in by_index(observed(book))[model.answered_at].binds
