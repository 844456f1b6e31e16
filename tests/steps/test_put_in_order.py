"""Cells in the order in which they were run: when they must stay, and what comes first when they must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ferrata.records.notebook import Cell, Notebook, Statement
from ferrata.steps.put_in_order import put_in_order

Row = tuple[str, int | None]


def notebook_of(*rows: Row, answers: tuple[str, ...] = ()) -> Notebook:
    cells = tuple(
        Cell(number, source, source, (Statement(number - 1, number, 1, source.count("\n") + 1, source),), execution_count=count)
        for number, (source, count) in enumerate(rows, 1)
    )
    return Notebook(Path("churn.ipynb"), "0" * 64, cells, answers=answers)


STAY: dict[str, tuple[Row, ...]] = {
    "in order": (("x = 1", 1), ("print(x)", 2)),
    "out of order, and nothing is missing": (("x = 1", 2), ("y = 1", 1)),
    "missing, and the counts say the same": (("print(x)", 1), ("x = 1", 2)),
    "missing, and no counts": (("print(x)", None), ("x = 1", None)),
    "the other order misses something too": (("print(x, y)", 2), ("x = 1", 1), ("y = x", 3)),
    "imported later": (("print(np)", 2), ("import numpy as np", 1)),
    "names from a star": (("print(x)", 2), ("from numpy import *", 3), ("x = 1", 1)),
    "used inside a function only": (("def f():\n    return x", 2), ("x = 1", 1)),
    "never defined": (("print(x)", 2), ("y = 1", 1)),
}


@pytest.mark.parametrize("rows", STAY.values(), ids=STAY)
def test_stays(rows: tuple[Row, ...]) -> None:
    assert put_in_order(notebook_of(*rows)) is None


def test_answers_keep_their_order() -> None:
    assert put_in_order(notebook_of(("print(x)", 2), ("x = input()", 1), answers=("3",))) is None


MOVE: dict[str, tuple[tuple[Row, ...], tuple[int, ...]]] = {
    "a later cell first": ((("a = 1", 1), ("print(x)", 3), ("x = a", 2)), (1, 3, 2)),
    "a cell without a count follows the one above": ((("print(x)", 5), ("x", None), ("x = 1", 2)), (3, 1, 2)),
    "a function": ((("y = f(1)", 2), ("def f(x):\n    return x", 1)), (2, 1)),
}


@pytest.mark.parametrize(("rows", "order"), MOVE.values(), ids=MOVE)
def test_moves(rows: tuple[Row, ...], order: tuple[int, ...]) -> None:
    ordered = put_in_order(notebook_of(*rows))
    assert ordered is not None
    assert tuple(cell.number for cell in ordered.cells) == ordered.run_order == order
    assert [statement.index for statement in ordered.statements] == list(range(len(rows)))
    assert [statement.cell for statement in ordered.statements] == list(order)
