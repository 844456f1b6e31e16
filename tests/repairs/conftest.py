"""A notebook made of statements, and what repair makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ferrata.records.edit import Edit
from ferrata.records.environment import Environment
from ferrata.records.notebook import Cell, Notebook, Statement
from ferrata.records.observation import Failure
from ferrata.steps.repairs import compose, repair, silent_repairs

TODAY = {
    "python": "3.11.7",
    "pandas": "3.1.1",
    "numpy": "2.4.6",
    "scipy": "1.17.1",
    "scikit-learn": "1.9.1",
    "matplotlib": "3.11.2",
    "seaborn": "0.13.2",
    "keras": "3.15.1",
    "tensorflow-cpu": "2.21.0",
    "statsmodels": "0.15.0",
    "xgboost-cpu": "3.2.0",
    "lightgbm": "4.7.0",
    "imbalanced-learn": "0.14.2",
    "plotly": "7.1.0",
    "altair": "6.3.0",
    "ipython": "9.18.1",
    "ydata-profiling": "4.12.0",
}


def notebook_of(*sources: str) -> Notebook:
    statements = tuple(Statement(index, index + 1, 1, source.count("\n") + 1, source) for index, source in enumerate(sources))
    cells = tuple(Cell(one.cell, one.source, one.source, (one,)) for one in statements)
    return Notebook(Path("churn.ipynb"), "0" * 64, cells)


def environment_of(packages: Mapping[str, str]) -> Environment:
    rest = {name: version for name, version in packages.items() if name != "python"}
    return Environment("today", Path("."), Path("python"), packages["python"], (), tuple(rest.items()))


def texts_after(notebook: Notebook, edits: list[Edit]) -> list[str]:
    return [compose(one.source, [edit for edit in edits if edit.statement == one.index]) for one in notebook.statements]


@pytest.fixture
def repaired() -> Callable[..., list[str]]:
    """`repaired(*sources, message="Type: text", packages={...})`: the texts after repair; the last statement is the one that failed, or `failing`."""

    def apply(*sources: str, message: str = "", packages: Mapping[str, str] | None = None, failing: int = -1) -> list[str]:
        notebook = notebook_of(*sources)
        kind, _, text = message.partition(": ")
        index = range(len(sources))[failing]
        failure = Failure(index, index + 1, 1, kind, text) if message else None
        edits = repair({one.index: one.source for one in notebook.statements}, notebook, environment_of(packages or TODAY), failure)
        return texts_after(notebook, edits)

    return apply


@pytest.fixture
def silently_repaired() -> Callable[..., list[str]]:
    def apply(*sources: str, packages: Mapping[str, str] | None = None, warnings: Mapping[int, tuple[str, ...]] | None = None) -> list[str]:
        notebook = notebook_of(*sources)
        edits = silent_repairs({one.index: one.source for one in notebook.statements}, notebook, environment_of(packages or TODAY), warnings=warnings)
        assert all(edit.silent for edit in edits)
        return texts_after(notebook, edits)

    return apply
