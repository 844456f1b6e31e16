"""Models that are asked about windows of a series."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import by_hand
from tests.deriving import bench, followed
from tests.deriving import window_cases as cases
from tests.serving.conftest import running

from ferrata.observer.rowwise.windows import how_cut
from ferrata.records.derivation import Derivation, Obstacle
from ferrata.records.proof import Level
from ferrata.records.serving import Serving
from ferrata.records.signature import problem_of
from ferrata.steps.deriving.recursion import fed_back
from ferrata.steps.serving.replay import read_rows, replay

SERIES = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3])
PAIR = np.stack([SERIES, SERIES[::-1] * 2], axis=1)
# (windows, the table, how they were cut: first row, length, column, shape, kind; None: they are no windows)
CUTS = (
    ([SERIES[i : i + 3] for i in range(7)], SERIES, (0, 3, None, [3], "list")),
    ([SERIES[i : i + 3].tolist() for i in range(2, 7)], SERIES, (2, 3, None, [3], "lists")),
    (np.array([SERIES[i : i + 3] for i in range(7)])[:, :, None], SERIES[:, None], (0, 3, None, [3, 1], "array")),
    (np.array([SERIES[i : i + 3] for i in range(7)])[:, None], SERIES, (0, 3, None, [1, 3], "array")),
    (np.array([PAIR[i : i + 4] for i in range(5)]), PAIR, (0, 4, None, [4, 2], "array")),
    (np.array([PAIR[i : i + 4, 1] for i in range(5)]), PAIR, (0, 4, 1, [4], "array")),
    (SERIES[:5], SERIES, None),
    (np.array([SERIES[i : i + 3] for i in range(7)])[::-1], SERIES, None),
    (np.array([SERIES[i : i + 3] for i in range(7)]) + 1e-12, SERIES, None),
    ([SERIES[:3], SERIES[:4]], SERIES, None),
    ([["a", "b"], ["b", "c"]], SERIES, None),
    (np.zeros((20, 3)), np.zeros(10), None),
)


@pytest.mark.parametrize(("value", "table", "how"), CUTS)
def test_windows_are_told_by_what_they_hold(value: Any, table: Any, how: tuple[Any, ...] | None) -> None:
    found = how_cut(value, table)
    assert (found and (found["first"], found["length"], found["column"], found["shape"], found["kind"])) == how
    assert not found or (found["step"], found["apart"]) == (1, 1)


# (windows, step from one place to the next, how many rows the windows are apart)
APART = (
    (np.array([SERIES[i : i + 3] for i in range(0, 7, 2)]), 1, 2),
    (np.array([SERIES[i : i + 7 : 3] for i in range(3)]), 3, 1),
    (np.array([SERIES[i : i + 5 : 2] for i in range(0, 6, 2)])[:, :, None], 2, 2),
    (np.array([SERIES[i : i + 5 : 2] for i in (0, 2, 3)]), 0, 0),
)


@pytest.mark.parametrize(("value", "step", "apart"), APART)
def test_windows_may_be_apart_and_so_may_their_places(value: Any, step: int, apart: int) -> None:
    found = how_cut(value, SERIES)
    assert (found and (found["first"], found["step"], found["apart"])) == ((0, step, apart) if step else None)


def follow(folder: Path, cells: tuple[str, ...], files: dict[str, str], prediction: str) -> Any:
    book = by_hand.code(*cells)
    traces = {trace.index: trace for trace in by_hand.observed(book).traces}
    return followed.follow(book, traces, folder, files, prediction, windows=True)


FOLLOWED = (
    (cases.HELPER, "testPredict", 6, ('df = in_order(rows)', "test = dataset",
                                      "testX = np.asarray(test).reshape(-1, 6)", "state.scaler.transform(dataset)")),
    (cases.LOOP, "y_pred", 4, ("X = list(np.asarray(scaled).reshape(-1, 4, 2))", "X_test = X", "state.scaler.transform(data)")),
    (cases.RESHAPED, "testPredict", 6, ("testX = np.reshape(testX, (testX.shape[0], state.shape, 1))",)),
    (cases.RAW, "y_pred", 5, ("X = np.asarray(values).reshape(-1, 5)",)),
    (cases.EVERY_OTHER, "y_pred", 4, ("X = np.asarray(values).reshape(-1, 4)",)),
    (cases.SEVERAL_AHEAD, "y_pred", 6, ("X = list(np.asarray(scaled).reshape(-1, 6))", "state.scaler.inverse_transform")),
)


@pytest.mark.parametrize(("cells", "prediction", "length", "holds"), FOLLOWED)
def test_the_statement_that_cuts_lays_them_side_by_side(cells: Any, prediction: str, length: int, holds: Any, tmp_path: Path) -> None:
    found = follow(tmp_path, cells, cases.FILES, prediction)
    assert isinstance(found.found, Derivation), found.found
    assert found.found.window == length and len(found.found.columns) % length == 0 and found.found.columns[length - 1].endswith("(t-1)")
    assert [piece for piece in holds if piece not in found.text] == [], found.text


@pytest.mark.parametrize(("name", "cells", "why"), cases.IN_THE_WAY, ids=[name for name, _, _ in cases.IN_THE_WAY])
def test_what_is_no_window_of_the_file_says_why(name: str, cells: tuple[str, ...], why: str, tmp_path: Path) -> None:
    found = follow(tmp_path, cells, {"visitors.csv": cases.visitors(400 if "long" in name else 90)}, "y_pred")
    assert isinstance(found.found, Obstacle) and why in found.found.why, found.found


FED_BACK = (
    (cases.STEP_BY_STEP[3], True),
    ("def forecast(model, history):\n    for _ in range(3):\n        value = model.predict([history[-12:]])[0]\n        history.append(value)", True),
    ("while x[0] < 3:\n    p = model.predict(x)\n    x = np.roll(x, -1)\n    x[0, -1] = p[0]", True),
    ('for day in days:\n    row = features(future)\n    future.loc[day, "sales"] = model.predict(row)[0]', True),
    ("for t in range(12):\n    found.append(model.predict([history[-12:]])[0])\n    history.append(test[t])", False),
    ("for model in models:\n    p = model.predict(X)\n    scores.append(score(y, p))", False),
    ('for name, model in models.items():\n    table[name] = model.predict(table[columns])', False),
    ("for train, test in folds:\n    X_train, X_test = X[train], X[test]\n    model.fit(X_train, y)\n    out[test] = model.predict(X_test)", False),
)


@pytest.mark.parametrize(("source", "is_fed_back"), FED_BACK)
def test_a_loop_that_feeds_answers_back_is_told(source: str, is_fed_back: bool) -> None:
    assert fed_back({0: "x = 1", 1: source}, [0, 1]) == (1 if is_fed_back else None)


def test_an_answer_in_a_loop_is_not_recorded_as_a_value(tmp_path: Path) -> None:
    found = follow(tmp_path, cases.STEP_BY_STEP, cases.FILES, "forecast")
    assert isinstance(found.found, Obstacle), found.text


def asked(found: Any, python: Path, text: str) -> Any:
    """What the project's own function says of the windows of a CSV file."""
    bench.deliver(found)
    module = next(path for path in found.served.texts if path.endswith("predict.py"))
    (found.project / "other.csv").write_text(text, encoding="utf-8")
    script = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import predict\n"
        "print(json.dumps(predict.predict(predict.read('other.csv'), predict.load())))"
    )
    done = subprocess.run([str(python), "-c", script, str((found.project / module).parent)], cwd=found.project, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(("cells", "rows", "inputs"), [
    (cases.HELPER, 24, [f"visitors(t-{place})" for place in range(6, 0, -1)]),
    pytest.param(cases.EVERY_OTHER, 12, ["visitors(t-10)", "visitors(t-7)", "visitors(t-4)", "visitors(t-1)"], marks=pytest.mark.more),
    pytest.param(cases.SEVERAL_AHEAD, 22, [f"visitors(t-{place})" for place in range(6, 0, -1)], marks=pytest.mark.more),
    pytest.param(cases.LOOP, 36, [f"{name}(t-{place})" for name in ("visitors", "price") for place in range(4, 0, -1)], marks=pytest.mark.more),
])
def test_every_window_is_answered_as_in_the_notebook(cells: Any, rows: int, inputs: list[str], tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cells, cases.FILES), tmp_path / "scratch", pipeline_python)
    check(found, rows, inputs)
    longer = cases.visitors(96)
    assert len(asked(found, pipeline_python, longer)) == 96 - int(inputs[0].rpartition("-")[2][:-1]) + 1


@pytest.mark.heavy
@pytest.mark.parametrize("cells", [cases.NETWORK, cases.GENERATOR, cases.DATA_SET], ids=["a loop", "a generator", "a data set"])
def test_every_window_is_answered_as_by_the_network(cells: Any, tmp_path: Path, frameworks_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cells, cases.FILES), tmp_path / "scratch", frameworks_python)
    check(found, 24, [f"visitors(t-{place})" for place in range(6, 0, -1)])


def check(found: Any, rows: int, inputs: list[str]) -> None:
    assert isinstance(found.served, Serving), found.served
    proof = found.served.proof
    assert (proof.rows, proof.single, proof.mismatches, proof.what) == (rows, rows, 0, "windows")
    assert [item["name"] for item in found.signature["inputs"]] == inputs and problem_of(found.signature) == ""


@pytest.mark.slow
@pytest.mark.more
def test_windows_are_answered_over_http(tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cases.RESHAPED, cases.FILES), tmp_path / "scratch", pipeline_python)
    bench.deliver(found)
    rows = read_rows(found.project)
    assert len(rows) == found.served.proof.rows == 24
    with running(pipeline_python, found.project, grouping="on") as live:
        proof = replay(rows, "127.0.0.1", live.port, "", bound=found.signature["proof"]["bound"])
        refused = live.post({**found.signature["example"]["input"], "visitors(t-3)": "many"})
    assert proof.level in (Level.IDENTICAL, Level.EQUAL) and all(way.mismatches == 0 for way in proof.ways), proof
    assert refused[0] == 422 and refused[1]["errors"][0]["field"] == "visitors(t-3)"


@pytest.mark.slow
@pytest.mark.more
def test_a_forecast_of_several_steps_is_answered_one_step_at_a_time(tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cases.STEP_BY_STEP, cases.FILES), tmp_path / "scratch", pipeline_python)
    check(found, 66, [f"visitors(t-{place})" for place in range(12, 0, -1)])
    said = "Cell 4 of the notebook asks the model again with its own answers"
    assert said in found.served.proof.note and all(said in found.served.texts[name] for name in ("README.md", "evidence/predict.md"))


@pytest.mark.slow
@pytest.mark.more
def test_what_reaches_beyond_a_window_is_no_function(tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", cases.BEYOND, cases.FILES), tmp_path / "scratch", pipeline_python)
    assert isinstance(found.served, Obstacle), found.text
