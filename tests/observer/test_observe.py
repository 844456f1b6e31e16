"""The step that starts the observer and makes records of what it wrote."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ferrata.records.environment import Environment
from ferrata.records.notebook import Cell, Notebook, Statement
from ferrata.records.observation import Observation, Site, Trace
from ferrata.steps.observe import observe


def notebook(*cells: list[str]) -> Notebook:
    found, index = [], 0
    for number, sources in enumerate(cells, 1):
        statements, line = [], 1
        for source in sources:
            height = source.count("\n") + 1
            statements.append(Statement(index, number, line, line + height - 1, source))
            index, line = index + 1, line + height
        text = "\n".join(sources)
        found.append(Cell(number, text, text, tuple(statements)))
    return Notebook(Path("n.ipynb"), "0" * 64, tuple(found))


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def observed(*cells: list[str], **options: Any) -> Observation:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        environment = Environment("today", tmp_path, Path(sys.executable), "3.11", ())
        defaults: dict[str, Any] = {"sources": {}, "seed": None, "hash_seed": 0}
        return observe(
            notebook(*cells), environment, workspace=work, cwd=work, output=tmp_path / "out", **{**defaults, **options}
        )

    return observed


def test_a_run_that_ends(run: Any) -> None:
    seen = run(["x = 1"], ["print(max(x, 2))", "x + 1"], seed=3)
    assert (seen.finished, seen.failure, seen.seed, seen.hash_seed) == (True, None, 3, 0)
    assert [trace.index for trace in seen.traces] == [0, 1, 2]
    assert seen.traces[0].values[0].name == "x"
    assert (seen.traces[1].printed, seen.traces[2].displayed) == ("2\n", "2")
    assert (seen.traces[1].numbers[0].site, seen.traces[1].numbers[0].value) == (Site(1, 6, 1, 15), 2)
    assert seen.python_version.startswith("3.") and seen.peak_memory > 1_000_000


def test_edited_sources_take_the_place_of_the_notebook_s(run: Any) -> None:
    seen = run(["x = wrong", "x"], sources={0: "x = 4"})
    assert seen.traces[1].displayed == "4"


def test_only_what_is_kept_runs_in_the_order_given(run: Any) -> None:
    cells = (["a = 1", "b = a"], ["a = 5", "a"])
    assert [trace.index for trace in run(*cells, keep={3, 0}).traces] == [0, 3]
    ordered = run(*cells, keep=[2, 1, 0, 3])
    assert [trace.index for trace in ordered.traces] == [2, 1, 0, 3]
    assert ordered.traces[3].displayed == "1"


def test_what_was_not_the_last_of_its_cell_is_not_displayed_in_a_slice(run: Any) -> None:
    assert run(["1 + 1", "x = 2"], keep=[0]).traces[0].displayed == ""


def test_a_failing_cell(run: Any) -> None:
    seen = run(["x = 1"], ["y = 2", "z = [\n  x,\n  1 / 0]", "never = 1"])
    failure = seen.failure
    assert (seen.finished, failure.type, failure.index, failure.cell, failure.line) == (
        False,
        "ZeroDivisionError",
        2,
        2,
        3,
    )
    assert [trace.complete for trace in seen.traces] == [True, True, False]


def test_a_process_that_dies(run: Any) -> None:
    seen = run(["x = 1"], ["import os", "os._exit(7)"])
    assert (seen.finished, seen.failure.type, seen.failure.index, seen.failure.cell) == (False, "Killed", 2, 2)
    assert len(seen.traces) == 2


def test_a_run_that_takes_too_long(run: Any) -> None:
    seen = run(["import time", "time.sleep(60)"], timeout=4)
    assert (seen.failure.type, seen.failure.index) == ("Timeout", 1)


def test_progress_is_told_while_it_runs(run: Any) -> None:
    told: list[Trace | str] = []
    run(["x = 1", "y = 2"], on_progress=told.append)
    assert [trace.index for trace in told if isinstance(trace, Trace)] == [0, 1]


def test_crossings_are_tried(run: Any) -> None:
    seen = run(["x = [1, 2]", "y = 3"], crossings=[{"after": 1, "names": ["x", "missing"]}])
    assert [(c["name"], c.get("format"), "error" in c) for c in seen.crossings] == [
        ("x", "json", False),
        ("missing", None, True),
    ]


def test_answers_and_home(run: Any, tmp_path: Path) -> None:
    seen = run(
        ["a = input()", "a"], ["import os, tempfile", "os.path.expanduser('~'), tempfile.gettempdir()"], answers=["yes"]
    )
    assert seen.traces[1].displayed == "'yes'"
    home, scratch = eval(seen.traces[3].displayed)
    assert home == str(tmp_path / "out" / "home")
    assert "ferrata-" in scratch and not Path(scratch).exists()
