"""Columns that are made of the rows before a row."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests import by_hand
from tests.deriving import bench, followed
from tests.deriving import lag_cases as cases
from tests.deriving.test_windows import asked
from tests.serving.conftest import running

from ferrata.observer.rowwise import before
from ferrata.records.derivation import Derivation, Lags, Obstacle
from ferrata.records.proof import Level
from ferrata.records.serving import Serving
from ferrata.records.signature import problem_of
from ferrata.steps.deriving.gaps import COMPLETE
from ferrata.steps.deriving.lags import helpers, places
from ferrata.steps.serving.replay import read_rows, replay


def follow(folder: Path, cells: tuple[str, ...], files: dict[str, str] | None = None) -> Any:
    book = by_hand.code(*cells)
    traces = {trace.index: trace for trace in by_hand.observed(book).traces}
    return followed.follow(book, traces, folder, files or cases.FILES, "y_pred")


@pytest.mark.parametrize(("statement", "why"), cases.IN_THE_WAY)
def test_a_column_that_needs_other_rows_is_left_out_and_named(statement: str, why: str, tmp_path: Path) -> None:
    found = follow(tmp_path, cases.with_column(statement))
    assert isinstance(found.found, Derivation) and statement not in found.text
    assert [each.statement for each in found.found.left] == [by_hand_statement(statement, found)] and why in found.found.left[0].why


def test_a_helper_that_compares_rows_is_tried_and_doubted(tmp_path: Path) -> None:
    helper = 'def ranked(table):\n    table["new"] = table["price"].rank()\n    return table\ndf = ranked(df)'
    found = follow(tmp_path, cases.with_column(helper)).found
    assert isinstance(found, Derivation) and found.left == ()
    assert found.doubt is not None and "compares each row with all others" in found.doubt.why


def test_a_helper_that_goes_back_to_the_first_row_is_no_question_of_several_rows(tmp_path: Path) -> None:
    helper = 'def smoothed(table):\n    table["new"] = table["visitors"].shift(1).ewm(span=2).mean()\n    return table\ndf = smoothed(df)'
    found = follow(tmp_path, cases.with_column(helper)).found
    assert isinstance(found, Derivation) and found.lags is None
    assert found.doubt is not None and "goes back to the first row" in found.doubt.why


def by_hand_statement(statement: str, found: Any) -> int:
    return next(i for i, source in enumerate(by_hand.code(*cases.with_column(statement)).sources.values()) if source == statement)


@pytest.mark.parametrize(("statement", "before"), [
    ('df["new"] = df["visitors"].shift(-1)', None),
    ('df["new"] = df["visitors"].value_counts().cumsum().max()', None),
    ('df["new"] = df["visitors"].diff()', 1),
    ('df["new"] = df["visitors"].shift(periods=3)', 3),
    ('df["new"] = df["visitors"].rolling(window=5, min_periods=1).mean()', 4),
    ('df["new"] = df["visitors"].shift(2).rolling(5).std()', 6),
])
def test_how_far_back_a_statement_looks(statement: str, before: int | None, tmp_path: Path) -> None:
    found = follow(tmp_path, cases.with_column(statement)).found
    assert isinstance(found, Derivation) and found.left == ()
    assert (found.lags and found.lags.before) == before


@pytest.mark.parametrize(("cells", "before", "keys", "holds"), cases.FOLLOWED)
def test_statements_that_look_back_see_the_rows_in_order(cells: Any, before: int, keys: Any, holds: Any, tmp_path: Path) -> None:
    found = follow(tmp_path, cells)
    assert isinstance(found.found, Derivation), found.found
    assert found.found.lags == Lags(before, keys, 0) and found.found.doubt is None
    assert [piece for piece in holds if piece not in found.text] == [], found.text
    assert found.found.otherwise is not None


def test_rows_of_groups_and_among_all_are_no_question(tmp_path: Path) -> None:
    cells = list(cases.GROUPS)
    cells[2] = cells[2].replace('df.groupby("shop")["sales"].shift(1)', 'df["sales"].shift(1)')
    found = follow(tmp_path, tuple(cells))
    assert isinstance(found.found, Derivation) and found.found.lags is None
    assert found.found.doubt is not None and "among all rows and within groups" in found.found.doubt.why


def module(keys: tuple[str, ...] = (), rows: int = 2, order: Any = None) -> Any:
    """The functions of a predict.py whose questions have so many rows before them, of the columns `day`, `shop` and `sales`."""
    made = types.ModuleType("predict_by_hand")
    made.__dict__.update(np=np, pd=pd, BEFORE=rows, ORDER=order, GROUPS=list(keys), INPUTS={}, COLUMNS=list(places(["day", "shop", "sales"], rows)))
    exec(helpers("apart() side_by_side()") + COMPLETE.replace("Rejected(", "ValueError("), made.__dict__)
    return made


SALES = pd.DataFrame({"day": ["3", "1", "2", "3", "2", "1"], "shop": ["a", "a", "a", "b", "b", "b"], "sales": [13, 11, 12, 23, 22, 21]})


def test_a_question_has_the_rows_before_in_the_order_of_the_file() -> None:
    found = module(rows=2).questions_of(SALES)
    assert list(found.index) == [2, 3, 4, 5] and found.loc[3, ["sales(t-2)", "sales(t-1)", "sales"]].tolist() == [11, 12, 23]
    assert found["sales(t-2)"].dtype == SALES["sales"].dtype


def test_a_question_has_the_rows_before_of_its_group_in_the_order_of_a_column() -> None:
    found = module(("shop",), 2, ["day", False, True]).questions_of(SALES)
    assert list(found.index) == [0, 3] and found.loc[3, ["sales(t-2)", "sales(t-1)", "sales"]].tolist() == [21, 22, 23]


def test_too_few_rows_are_no_question() -> None:
    with pytest.raises(ValueError, match="none of the 6 rows has the 9 rows before it"):
        module(rows=9).questions_of(SALES)


def test_of_the_rows_in_order_the_asked_ones_are_left() -> None:
    made = module()
    questions = made.questions_of(SALES)
    rows = made.in_order(questions)
    assert rows["sales"].tolist()[:6] == [13, 11, 12, 11, 12, 23] and made.asked(rows)["sales"].tolist() == [12, 23, 22, 21]
    assert made.in_order(questions[["sales(t-1)", "shop"]])["sales"].tolist()[:3] == [11, 11, 11]
    with pytest.raises(ValueError, match="5 rows are no questions of 3"):
        made.asked(rows[:5])


def test_no_question_leaves_its_mark_on_another() -> None:
    made = module()
    rows = made.in_order(made.questions_of(SALES)).astype({"sales": float})
    rows.loc[:2, "sales"] = 1e300
    alone = made.apart(rows["sales"], lambda each: each.rolling(3).sum())
    assert made.asked(alone).tolist()[1:] == [46.0, 57.0, 66.0] and alone.index.equals(rows.index)
    assert made.side_by_side(rows["sales"], lambda each: each.rolling(3).sum()).equals(alone.rename(None))
    dates = pd.to_datetime(rows["day"], format="%d")
    assert made.side_by_side(dates, lambda each: each.diff()).equals(made.apart(dates, lambda each: each.diff()))


def test_a_gap_that_would_be_filled_from_other_rows_is_rejected() -> None:
    made = module()
    assert made.complete(SALES) is SALES
    with pytest.raises(ValueError, match="sales is missing"):
        made.complete(SALES.assign(sales=[1.0, None, 3, 4, 5, 6]))


ORDERS = (
    ([0, 1, 2, 3, 4, 5], (), None), ([2, 3, 4], (), None), ([0, 1, 2, 3, 4, 5], ("shop",), None),
    ([5, 4, 3, 2, 1, 0], (), ["sales", False, False]), ([1, 2, 0, 5, 4, 3], ("shop",), ["day", False, True]),
)


@pytest.mark.parametrize(("order", "keys", "found"), ORDERS)
def test_the_order_of_the_rows_is_told_by_a_column(order: list[int], keys: tuple[str, ...], found: Any, tmp_path: Path) -> None:
    made = module(keys)
    made.read = lambda: made.questions_of(SALES.assign(sales=[6, 5, 4, 3, 2, 1]) if found and found[0] == "sales" and not found[2] else SALES)
    if found and found[0] == "sales":
        made.read = lambda: made.questions_of(SALES.assign(day="x", shop="y", sales=range(6)))
    np.save(tmp_path / "order.npy", np.array(order))
    questions, told, names = before.questions(made, tmp_path / "order.npy", keys)
    assert told == found and names == list(keys) and isinstance(questions, pd.DataFrame)


def test_rows_of_one_value_are_a_group(tmp_path: Path) -> None:
    mixed = SALES.iloc[[0, 3, 1, 4, 2, 5]].reset_index(drop=True)
    made = module(rows=1)
    made.read = lambda: made.questions_of(mixed)
    np.save(tmp_path / "order.npy", np.array([1, 3, 5]))
    questions, told, names = before.questions(made, tmp_path / "order.npy", ())
    assert told is None and names == ["shop"] and questions.loc[5, ["sales(t-1)", "sales"]].tolist() == [22, 21]


@pytest.mark.parametrize("order", [[0, 2, 4, 5], [3, 1, 2, 0, 5, 4]])
def test_rows_that_are_left_out_are_no_order(order: list[int], tmp_path: Path) -> None:
    made = module()
    made.read = lambda: made.questions_of(SALES)
    np.save(tmp_path / "order.npy", np.array(order))
    assert "left out" in before.questions(made, tmp_path / "order.npy", ())[0]


def test_the_places_that_are_needed_are_found_by_halves() -> None:
    names = [f"sales(t-{place})" for place in range(40, 0, -1)]
    asked: list[int] = []

    def is_idle(some: list[str]) -> bool:
        asked.append(len(some))
        return not {"sales(t-1)", "sales(t-30)"} & set(some)

    assert before.needed(names, is_idle) == ["sales(t-30)", "sales(t-1)"] and len(asked) < 30


def check(found: Any, rows: int, inputs: list[str]) -> None:
    assert isinstance(found.served, Serving), found.served
    proof = found.served.proof
    assert (proof.rows, proof.single, proof.mismatches, proof.what) == (rows, rows, 0, "rows" if inputs == ["price"] else "rows in order")
    assert [item["name"] for item in found.signature["inputs"]] == inputs and problem_of(found.signature) == ""


@pytest.mark.slow
@pytest.mark.parametrize(("cells", "rows", "inputs"), [
    (cases.GROUPS, 24, [*(f"sales(t-{place})" for place in range(7, 0, -1)), "promo"]),
    pytest.param(cases.LAGS, 20, ["Month", "visitors(t-12)", "visitors(t-2)", "visitors(t-1)"], marks=pytest.mark.more),
    pytest.param(cases.ON_TOP, 20, [f"visitors(t-{place})" for place in (3, 2, 1)], marks=pytest.mark.more),
    pytest.param(cases.HELPER, 20, ["visitors(t-6)", "visitors(t-1)", "price(t-3)", "price(t-2)", "price(t-1)", "price"], marks=pytest.mark.more),
    pytest.param(cases.RARE, 20, ["visitors(t-3)", "visitors(t-2)", "visitors(t-1)", "price"], marks=pytest.mark.more),
    pytest.param(cases.ONE_SHOP, 20, ["sales(t-2)", "sales(t-1)"], marks=pytest.mark.more),
    pytest.param(cases.SUPERVISED, 28, ["visitors(t-2)", "visitors(t-1)", "price(t-2)", "price(t-1)"], marks=pytest.mark.more),
    pytest.param(cases.SORTED, 20, ["visitors(t-2)", "visitors(t-1)", "visitors", "price"], marks=pytest.mark.more),
])
def test_every_row_is_answered_as_in_the_notebook(cells: Any, rows: int, inputs: list[str], tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cells, cases.FILES), tmp_path / "scratch", pipeline_python)
    check(found, rows, inputs)
    if cells == cases.GROUPS:
        assert len(asked(found, pipeline_python, cases.shops(60))) == 3 * (60 - 7)


@pytest.mark.slow
@pytest.mark.more
def test_rows_with_those_before_them_are_answered_over_http(tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cases.ON_TOP, cases.FILES), tmp_path / "scratch", pipeline_python)
    bench.deliver(found)
    rows = read_rows(found.project)
    assert len(rows) == 20
    with running(pipeline_python, found.project, grouping="on") as live:
        proof = replay(rows, "127.0.0.1", live.port, "", bound=found.signature["proof"].get("bound"))
        refused = live.post({**found.signature["example"]["input"], "visitors(t-3)": "many"})
    assert proof.level in (Level.IDENTICAL, Level.EQUAL) and all(way.mismatches == 0 for way in proof.ways), proof
    assert refused[0] == 422 and refused[1]["errors"][0]["field"] == "visitors(t-3)"


@pytest.mark.slow
@pytest.mark.more
@pytest.mark.parametrize(("cells", "files", "why"), [
    (cases.with_column(cases.IN_THE_WAY[0][0]), cases.FILES, "compares each row with all others"),
    (cases.FILLED, cases.with_gaps(3, 80), "gaps of `price` are filled from the rows around them"),
    (cases.FILLED, cases.with_gaps(3), ""),
])
def test_what_needs_other_rows_of_the_data_says_which_statement(cells: Any, files: Any, why: str, tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cells, files), tmp_path / "scratch", pipeline_python)
    if why:
        assert isinstance(found.served, Obstacle) and why in found.served.why and found.served.statement > 0, found.served
    else:
        check(found, 20, ["price"])
        assert "is rejected" in found.input("price")["missing"]
