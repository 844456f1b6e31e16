"""Which rows a prediction function is proved on: those the model was fitted on, others, or some of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests import by_hand
from tests.deriving import cases, followed

from ferrata.records.analysis import Model
from ferrata.records.observation import Call, Site, Trace
from ferrata.records.plan import Plan
from ferrata.steps.deriving.tested import ASKED, TEST, TRAINING, rows_tested


def _call(kind: str, rows: int, seen: float | None, receiver: str = "m") -> Call:
    return Call(kind, f"model.{kind}", Site(1, 0, 1, 1), receiver=receiver, rows=rows, seen=seen)


PLAN = Plan("rents", "rents", "one", (), (), (), (), (), (), model=Model("m", "model", "sklearn.svm.SVC", "classifier", (1,)))
CASES = (
    ("places known, none was fitted on", {"rows": 40, "trained": 0}, [_call("predict", 40, 0.0)], TEST),
    ("twins are no training rows", {"rows": 200, "trained": 0}, [_call("predict", 200, 0.88)],
     f"{TEST} (176 of its rows have an identical twin among the training rows)"),
    ("few twins of many", {"rows": 4885, "trained": 0}, [_call("predict", 4885, 2 / 4885)],
     f"{TEST} (2 of its rows have an identical twin among the training rows)"),
    ("the training rows were asked about last", {"rows": 40, "trained": 0}, [_call("predict", 40, 0.0), _call("predict", 80, 1.0)], TEST),
    ("all were fitted on", {"rows": 80, "trained": 80}, [_call("predict", 80, 1.0)], TRAINING),
    ("some were", {"rows": 2000, "trained": 1400}, [], "the author's own rows, 1,400 of which the model was fitted on"),
    ("places unknown, nothing alike", {"rows": 40, "trained": None}, [_call("predict", 40, 0.0)], TEST),
    ("places unknown, all alike", {"rows": 40, "trained": None}, [_call("predict", 40, 1.0)], TRAINING),
    ("places unknown, many alike", {"rows": 40, "trained": None}, [_call("predict", 40, 0.9)],
     f"{ASKED}, 36 of which are also, or have an identical twin, among the training rows"),
    ("nothing is known", {"rows": 40, "trained": None}, [_call("predict", 40, None)], ASKED),
    ("no model was asked", {"rows": 40, "trained": None}, [_call("fit", 40, None)], TRAINING),
    ("another model was asked", {}, [_call("predict", 40, 0.0, receiver="other")], ASKED),
)


@pytest.mark.parametrize(("name", "answer", "calls", "said"), CASES, ids=[case[0] for case in CASES])
def test_which_rows_they_are_is_said(name: str, answer: dict[str, Any], calls: list[Call], said: str) -> None:
    assert rows_tested(PLAN, {2: Trace(2, calls=tuple(calls))}, answer) == said



TWINS = "size,price\n" + "".join(f"{number % 5},{number % 5 * 10}\n" for number in range(60))
FITTED = (
    ("a frame", 'X, y = df[["size"]], df["price"]', "X_test", 0),
    ("arrays of twins, which no index tells apart", 'X, y = df[["size"]].values, df["price"].values', "X_test", 0),
    ("the rows of the fit", 'X, y = df[["size"]], df["price"]', "X_train", 42),
    ("every row", 'X, y = df[["size"]].values, df["price"].values', "X", 42),
)


@pytest.mark.parametrize(("name", "chosen", "asked", "trained"), FITTED, ids=[case[0] for case in FITTED])
def test_the_rows_of_the_fit_are_told_by_their_places(name: str, chosen: str, asked: str, trained: int, tmp_path: Path) -> None:
    book = by_hand.code(cases.IMPORTS, 'df = pd.read_csv("twins.csv")', chosen, cases.REGRESS.replace("model.predict(X_test)", f"model.predict({asked})")
                        .replace("print(mean_absolute_error(y_test, y_pred))", ""))
    traces = {trace.index: trace for trace in by_hand.observed(book).traces}
    found = followed.follow(book, traces, tmp_path, {"twins.csv": TWINS}, "y_pred")
    assert found.facts.answer["trained"] == trained
