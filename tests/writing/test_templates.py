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
