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
    ignored = shutil.ignore_patterns(".git", ".venv", ".dvc", "evaluation", "model")
    shutil.copytree(ROOT, copy, ignore=ignored)
    for stage in STAGES:
        subprocess.run([sys.executable, *stage.split()[1:]], cwd=copy, check=True)
    return copy


def scores(folder):
    return json.loads((folder / "evaluation" / "metrics.json").read_text(encoding="utf-8"))


def test_scores_are_the_recorded_ones(rerun):
    recorded = {{score["name"]: score["obtained"] for score in RECORD["scores"]}}
    assert {{name: value for name, value in scores(rerun).items() if name in recorded}} == {{
        name: recorded[name] for name in scores(rerun) if name in recorded
    }}


def test_a_second_run_writes_the_same_scores(rerun):
    assert scores(rerun) == scores(ROOT)
'''


def write_tests(material: Material, stages: Sequence[Stage]) -> str:
    commands = ", ".join(f'"{stage.command}"' for stage in stages)
    return _TEXT.format(stages=f"[{commands}]")
