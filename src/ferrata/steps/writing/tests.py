"""The project's own test: the pipeline, run in a copy, gives the recorded scores."""

from __future__ import annotations

from collections.abc import Sequence

from ferrata.records.project import Stage
from ferrata.steps.writing.modules import Material

_TEXT = '''"""The pipeline runs in a clean copy and gives the recorded scores."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = {stages}
RECORD = json.loads((ROOT / "evidence" / "adopt.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rerun(tmp_path_factory):
    """A copy of the project after its stages ran again."""
    copy = tmp_path_factory.mktemp("project") / ROOT.name
    shutil.copytree(ROOT, copy, ignore=without_results)
    for stage in STAGES:
        subprocess.run([sys.executable, *stage.split()[1:]], cwd=copy, check=True)
    return copy


def without_results(folder, names):
    """What the copy must make itself, or does not need."""
    return {{".git", ".venv", ".dvc", "evaluation", "model"}} & set(names) if Path(folder) == ROOT else set()


def scores(folder):
    return json.loads((folder / "evaluation" / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.skipif(RECORD["level"] == "within noise", reason="its scores differ from run to run")
def test_the_scores_come_out_again(rerun):
    # As text, because NaN is not equal to itself.
    assert json.dumps(scores(rerun)) == json.dumps(scores(ROOT))


def test_every_recorded_score_is_computed(rerun):
    reports = json.loads((rerun / "evaluation" / "reports.json").read_text(encoding="utf-8"))
    assert {{score["name"] for score in RECORD["scores"]}} <= set(scores(rerun)) | set(reports)
'''


def write_tests(material: Material, stages: Sequence[Stage]) -> str:
    commands = ", ".join(f'"{stage.command}"' for stage in stages)
    return _TEXT.format(stages=f"[{commands}]")
