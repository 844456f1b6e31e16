"""The support modules of a project do what they say, in a process of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import ferrata.steps.writing

TEMPLATES = Path(ferrata.steps.writing.__file__).parent / "templates"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for template in TEMPLATES.glob("*.py"):
        shutil.copyfile(template, tmp_path / template.name)
    return tmp_path


def run(python: Path, project: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-c", code], cwd=project, capture_output=True, text=True, check=True)


UNDRAWABLE = """
import matplotlib.pyplot as plt
from figures import save_figures
plt.plot([0.0, 1e308 * 10])
plt.gca().xaxis.set_major_formatter(lambda value, position: str(int(float("inf"))))
save_figures("broken")
plt.plot([1, 2])
save_figures("good")
plt.plot([2, 1])
save_figures("good")
"""


def test_a_figure_that_cannot_be_drawn_stops_nothing_and_says_so(project: Path, science_python: Path) -> None:
    done = run(science_python, project, UNDRAWABLE)
    assert "broken.png could not be drawn: OverflowError" in done.stderr
    sizes = {path.name: path.stat().st_size for path in (project / "evaluation" / "plots").iterdir()}
    assert set(sizes) == {"broken.png", "good.png", "good_2.png"} and all(sizes.values())


def test_figures_are_the_same_bytes_again(project: Path, science_python: Path) -> None:
    path = project / "evaluation" / "plots" / "a.png"
    code = "import matplotlib.pyplot as plt\nfrom figures import save_figures\nplt.plot([1, 2])\nsave_figures('a')"
    run(science_python, project, code)
    first = path.read_bytes()
    run(science_python, project, code)
    assert path.read_bytes() == first


def test_every_stream_starts_from_the_seed(project: Path, science_python: Path) -> None:
    code = "import random, numpy\nfrom randomness import seed_all\nseed_all({})\nprint(random.random(), numpy.random.rand())"
    shown = [run(science_python, project, code.format(seed)).stdout for seed in (3, 3, 4)]
    assert shown[0] == shown[1] != shown[2]


def test_scores_of_an_earlier_stage_come_before_those_of_this_one(tmp_path: Path) -> None:
    """One expression may be reached in two stages; none of its values may be lost."""
    earlier, metrics, reports = (tmp_path / name for name in ("train.json", "metrics.json", "reports.json"))
    run = scores_module()
    run["record"]("acc", 0.5)
    run["record"]("only_there", 0.25)
    run["record"]("table", [[1, 2], [3, 4]])
    run["write_scores"](earlier)
    run = scores_module()
    run["record"]("acc", 0.75)
    for loss in range(101):
        run["record"]("loss", loss / 2)
    run["write_scores"](metrics, reports, carry=[earlier])
    assert json.loads(metrics.read_text()) == {"acc": {"1": 0.5, "2": 0.75}, "only_there": 0.25}
    assert json.loads(reports.read_text()) == {"table": [[1, 2], [3, 4]], "loss": [loss / 2 for loss in range(101)]}


def scores_module() -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec((TEMPLATES / "scores.py").read_text(encoding="utf-8"), space)
    return space


PREDICTIONS = """
import numpy as np
import pandas as pd
from predictions import save_predictions

class Model:
    classes_ = np.array(["no", "yes"])

    def predict_proba(self, rows):
        return np.column_stack([1 - rows["a"] / 10, rows["a"] / 10])

class Machine:
    classes_ = np.array(["no", "yes"])

rows = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["x", "y", "x"]}, index=[7, 3, 5])
truth = pd.Series(["no", "yes", "no"], index=rows.index)
save_predictions(truth, truth, rows, Model())
one = pd.read_parquet("evaluation/predictions.parquet")
assert list(one.columns) == ["row", "truth", "prediction", "content", "probability no", "probability yes"], list(one.columns)
assert list(one["row"]) == ["7", "3", "5"] and list(one["probability yes"]) == [0.1, 0.2, 0.3]

turned = rows.iloc[::-1].reset_index(drop=True)
save_predictions(truth.iloc[::-1].reset_index(drop=True), truth, turned, Machine(), path="turned.parquet")
other = pd.read_parquet("turned.parquet")
assert list(other["content"]) == list(one["content"])[::-1] and len(set(one["content"])) == 3
assert list(other.columns) == ["row", "truth", "prediction", "content"]

save_predictions(None, np.zeros(2), np.arange(8.0).reshape(2, 2, 2), path="images.parquet")
assert len(set(pd.read_parquet("images.parquet")["content"])) == 2
for unknown in (None, object(), rows.iloc[:2], pd.Series([[1], [2], [3]])):
    save_predictions(truth, truth, unknown, None, path="unknown.parquet")
    assert list(pd.read_parquet("unknown.parquet").columns) == ["row", "truth", "prediction"]
"""


def test_predictions_are_kept_with_what_tells_their_rows_apart(project: Path, science_python: Path) -> None:
    run(science_python, project, PREDICTIONS)
    first = (project / "evaluation" / "predictions.parquet").read_bytes()
    run(science_python, project, PREDICTIONS)
    assert (project / "evaluation" / "predictions.parquet").read_bytes() == first
