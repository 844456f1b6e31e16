"""Notebooks in miniature the whole way: followed, rewritten, recorded by the pipeline, rehearsed, and every row replayed."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.deriving import bench, cases
from tests.serving.conftest import running

from ferrata.records.derivation import Obstacle
from ferrata.records.proof import Level
from ferrata.records.serving import Serving
from ferrata.records.signature import problem_of
from ferrata.steps.serving.replay import read_rows, replay

WHOLE = [pytest.param(case, id=case.name, marks=[pytest.mark.slow, *([] if case.first else [pytest.mark.more])]) for case in cases.PROVED if case.whole]


@pytest.mark.parametrize("case", WHOLE)
def test_every_row_is_answered_as_in_the_notebook(case: Any, tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", case.cells, case.files), tmp_path / "scratch", pipeline_python)
    assert isinstance(found.served, Serving), found.served
    proof = found.served.proof
    assert proof.rows == proof.single > 10 and proof.mismatches == 0 and proof.level in ("identical", "equal")
    assert tuple(item["name"] for item in found.signature["inputs"]) == case.inputs
    assert [piece for piece in case.holds if piece not in found.text] == []
    assert [piece for piece in case.lacks if piece in found.text] == []
    check_alone(found, pipeline_python)


@pytest.mark.slow
def test_from_a_notebook_to_answers_over_http(tmp_path: Path, pipeline_python: Path) -> None:
    """Both halves of serving on one project: what deriving writes is what the service reads, and the notebook's answers come back."""
    case = next(case for case in cases.PROVED if case.name.startswith("whole numbers, truths"))
    found = bench.served(bench.notebook(tmp_path / "author", case.cells, case.files), tmp_path / "scratch", pipeline_python)
    assert problem_of(found.signature) == ""
    assert [found.input(name)["type"] for name in case.inputs] == ["number", "integer", "boolean", "string", "datetime"]
    assert [found.input(name)["gaps"] for name in case.inputs] == [False, True, True, True, True]
    assert '"kind": pd.CategoricalDtype(["attic", "größer", "loft"], ordered=False)' in found.text
    bench.deliver(found)
    rows = read_rows(found.project)
    assert len(rows) == found.served.proof.rows == 36
    assert {value for row in rows for value in row.input.values() if value is None or isinstance(value, bool)} == {None, True, False}
    written = {row["Rent"] for row in csv.DictReader(case.files["pets.csv"].splitlines())}
    assert {repr(row.input["Rent"]) for row in rows} <= written, "every digit of a number is kept"
    with running(pipeline_python, found.project, grouping="on") as live:
        proof = replay(rows, "127.0.0.1", live.port, "")
        example = live.post(found.signature["example"]["input"])
        refused = live.post({**found.signature["example"]["input"], "kind": "cellar"})
    assert proof.level in (Level.IDENTICAL, Level.EQUAL) and all(way.mismatches == 0 for way in proof.ways), proof
    assert proof.grouping.is_proved
    assert (example[0], example[1]["prediction"]) == (200, found.signature["example"]["output"]["prediction"])
    assert refused[0] == 422 and refused[1]["errors"][0]["field"] == "kind"


@pytest.mark.slow
@pytest.mark.more
def test_where_the_way_from_raw_rows_is_lost_prepared_rows_are_asked_about(tmp_path: Path, pipeline_python: Path) -> None:
    """The next best honest thing: the signature, the README, the card and the service say what it takes."""
    case = cases.REFUSED[0]
    found = bench.served(bench.notebook(tmp_path / "author", case.cells, case.files), tmp_path / "scratch", pipeline_python, prepared=True)
    assert isinstance(found.served, Serving) and found.served.level == found.signature["level"] == "prepared"
    assert found.served.obstacle and found.served.obstacle.statement == 7, "the statement with the running sum"
    assert [item["name"] for item in found.signature["inputs"]] == ["area", "before"] and found.served.proof.mismatches == 0
    assert "takes prepared rows, as the pipeline writes them to `data/prepared/X_test.parquet`" in found.served.texts["README.md"]
    assert "trained on: `data/flats.csv`" in found.served.texts["model/card.md"]
    assert "the prepared rows have none" in found.input("before")["unseen"]
    bench.deliver(found)
    with running(pipeline_python, found.project, grouping="on") as live:
        proof = replay(read_rows(found.project), "127.0.0.1", live.port, "")
    assert all(way.mismatches == 0 for way in proof.ways), proof


SALES = "Month,Sales\n" + "".join(f"{2012 + n // 12}-{n % 12 + 1:02}-01,{200 + 3 * n + n * n % 17}\n" for n in range(84))
SERIES = (
    "import numpy as np\nimport pandas as pd\nfrom sklearn.metrics import mean_absolute_error\nfrom statsmodels.tsa.holtwinters import ExponentialSmoothing",
    "df = pd.read_csv('sales.csv', parse_dates=['Month'], index_col='Month').asfreq('MS')\ntrain, test = df[:-12], df[-12:]",
    "fit = ExponentialSmoothing(np.log(train['Sales']), trend='add').fit()\nforecast = np.exp(fit.forecast(len(test)))",
    "print(mean_absolute_error(test['Sales'], forecast))",
)


@pytest.mark.heavy
def test_a_series_is_asked_for_steps_ahead(tmp_path: Path, frameworks_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", SERIES, {"sales.csv": SALES}), tmp_path / "scratch", frameworks_python)
    assert isinstance(found.served, Serving), found.served
    assert (found.signature["kind"], found.signature["task"]) == ("series", "forecast") and problem_of(found.signature) == ""
    assert (found.input("step")["min"], found.input("step")["max"]) == (1, 12) and found.served.proof.mismatches == 0
    module = next(path for path in found.served.texts if path.endswith("predict.py"))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import predict\nstate = predict.load()\n"
        "whole = [each['prediction'] for each in predict.predict([{'step': 3}, {'step': 1}], state)]\n"
        "print(whole == [predict.predict([{'step': step}], state)[0]['prediction'] for step in (3, 1)])\n"
        "for step in (0, 13, None):\n"
        "    try:\n        predict.predict([{'step': 2}, {'step': step}], state)\n"
        "    except predict.Rejected as error:\n        print(error.index, error.field)"
    )
    (found.project / module).write_text(found.text, encoding="utf-8")
    arguments = [str(frameworks_python), "-c", script, str((found.project / module).parent)]
    done = subprocess.run(arguments, cwd=found.project, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True", "1 step", "1 step", "1 step"]


def check_alone(found: Any, python: Path) -> None:
    """The function needs nothing but the project; the target may be missing, a missing column is named, a strange row harms no other."""
    module = next(path for path in found.served.texts if path.endswith("predict.py"))
    assert "ferrata" not in found.text
    example = found.signature["example"]
    (found.project / "record.json").write_text(json.dumps(example["input"]), encoding="utf-8")
    script = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); import predict\n"
        "state = predict.load(); record = json.load(open(sys.argv[2]))\n"
        "print(json.dumps(predict.predict([record], state)[0]))\n"
        "name = list(record)[0]; record.pop(name)\n"
        "try:\n    predict.predict([record], state)\nexcept predict.Rejected as error:\n    print(error.field == name, error.index)\n"
        "print(predict.predict(predict.pd.DataFrame([]), state) if not predict.INPUTS else len(predict.predict(predict.read().head(0), state)))"
    )
    arguments = [str(python), "-c", script, str((found.project / module).parent), str(found.project / "record.json")]
    done = subprocess.run(arguments, cwd=found.project, capture_output=True, text=True, check=True)
    answer, named, empty = done.stdout.splitlines()
    assert json.loads(answer) == example["output"] and (named, empty) == ("True 0", "0")


@pytest.mark.slow
@pytest.mark.parametrize("case", cases.REFUSED, ids=lambda case: case.name)
def test_what_a_row_cannot_know_is_refused_with_the_statement(case: Any, tmp_path: Path, pipeline_python: Path) -> None:
    found = bench.served(bench.notebook(tmp_path / "author", case.cells, case.files), tmp_path / "scratch", pipeline_python)
    assert isinstance(found.served, Obstacle) and "answered otherwise" in found.served.why
    assert found.served.statement == 7, "the statement with the running sum"
