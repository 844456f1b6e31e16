"""Rows that come from no file: none is said to be where anything may have been read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests import by_hand

from ferrata.records.analysis import Model
from ferrata.records.plan import Plan, PlannedStage, PredictionPlan
from ferrata.steps.deriving.origins import made_in_the_notebook

READ = ("read", 'df = pd.read_csv("flats.csv")', {"df = pd": {"files_read": ("flats.csv",)}})
FROM_A_FILE = (
    ("a table", "X = df[['area']]", {}),
    ("by way of others", "low = df['area'].min()\nX = [[low], [low + 1]]", {}),
    ("a file that is opened", "lines = text()\nX = [[line] for line in lines]", {"lines": {"files_read": ("a.txt",)}}),
    ("a data set of a library", "digits = load_digits()\nX = digits.data", {}),
    ("the network", "lines = text()\nX = [[line] for line in lines]", {"lines": {"network": ("example.org",)}}),
    ("a statement that was not seen whole", "X = [[1]]", {"X": {"complete": False}}),
)


def made(*cells: str, did: dict[str, dict[str, object]] | None = None, prediction: str = "model.predict(X)") -> tuple[str, str] | None:
    """The statement and why."""
    book = by_hand.code(*cells)
    traces = {trace.index: trace for trace in by_hand.observed(book, did).traces}
    order = tuple(book.sources)
    model = Model("m", "model", "sklearn.cluster.KMeans", "clusterer", (order[-1],))
    asked = PredictionPlan(order[-1], "None", prediction)
    found = made_in_the_notebook(replace(PLAN, stages=(PlannedStage("train", order),), model=model, predictions=asked), traces, book.sources)
    return (book.sources[found.statement], found.why) if found is not None else None


PLAN = Plan("p", "p", "one", (), (), (), (), (), (), ())


@pytest.mark.parametrize(("name", "cell", "did"), FROM_A_FILE, ids=[case[0] for case in FROM_A_FILE])
def test_what_was_read_or_may_have_been_is_not_called_made_here(name: str, cell: str, did: dict[str, dict[str, object]]) -> None:
    assert made(READ[1], cell, "model = KMeans(2).fit(X)", did={**READ[2], **did}) is None


def test_rows_that_are_written_down_are_named_with_their_statement() -> None:
    cells = (READ[1], "x, y = [1, 2, 9], [1, 3, 9]", "df = list(zip(x, y))", "model = KMeans(2).fit(df)")
    why = "`df` is made in the notebook itself: nothing that it comes of was read from a file"
    assert made(*cells, did=READ[2], prediction="model.predict(df)") == ("df = list(zip(x, y))", why)


def test_numbers_drawn_at_random_come_from_no_file() -> None:
    found = made("import numpy as np", "X = np.random.rand(300, 2)", "model = KMeans(2).fit(X)")
    assert found is not None and found[0] == "X = np.random.rand(300, 2)"
