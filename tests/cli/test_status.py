"""`ferrata` alone: where this folder stands."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_an_empty_folder(call: Callable[..., Any]) -> None:
    run = call()
    assert run.status == 0 and "No project and no notebook here" in run.out and "ferrata adopt NOTEBOOK" in run.out


def test_notebooks_are_listed_and_the_next_command_adopts_one(call: Callable[..., Any]) -> None:
    for name in ("b c.ipynb", "sub/d.ipynb", ".ipynb_checkpoints/b c-checkpoint.ipynb", "venv/lib/x.ipynb", "1/2/3/deep.ipynb"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("{}")
    Path("venv/pyvenv.cfg").write_text("")
    run = call()
    assert "Next: ferrata adopt 'b c.ipynb'" in run.out and "sub/d.ipynb" in run.out
    assert [Path(name).name for name in json.loads(call("status", "--json").out)["notebooks"]] == ["b c.ipynb", "d.ipynb"]


PIPELINE = "stages:\n  train:\n    cmd: python -m churn.train\n    deps:\n      - data.csv\n    outs:\n      - model.json\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "here" / "churn"
    (folder / "src").mkdir(parents=True)
    (folder / "evidence").mkdir()
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "data.csv").write_text("a\n1\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def test_in_a_project_each_stage_says_why_it_must_run(call: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "src")
    run = call()
    assert "churn: 1 of 1 stages must run again" in run.out and "Nothing is proved yet" in run.out
    assert "must run: it has never run" in run.out and "Next: ferrata run" in run.out


def test_proofs_are_read_from_the_evidence(call: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "evidence" / "adopt.json").write_text(json.dumps({"subject": "the pipeline with the notebook", "level": "equal", "scores": [1, 2]}))
    (project / "evidence" / "torn.json").write_text('{"level":')
    (project / "evidence" / "other.json").write_text("[1]")
    monkeypatch.chdir(project)
    data = json.loads(call("--json").out)
    assert data["proofs"] == [{"file": "evidence/adopt.json", "subject": "the pipeline with the notebook", "level": "equal", "scores": 2, "rows": 0}]
    assert "≈ equal" in call().out


def test_what_an_unfinished_command_left_is_said(call: Callable[..., Any], tmp_path: Path) -> None:
    left = tmp_path / ".cache" / "ferrata" / "adopt" / "abc"
    left.mkdir(parents=True)
    Path(".churn.ferrata-abc").mkdir()
    out = call().out
    assert str(left) in out and ".churn.ferrata-abc" in out and "rm -rf" in out


def test_in_a_project_what_unfinished_commands_left_is_one_line(
    call: Callable[..., Any], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("abc", "def"):
        (tmp_path / ".cache" / "ferrata" / "adopt" / name).mkdir(parents=True)
    monkeypatch.chdir(project)
    out = call().out
    assert "2 unfinished commands" in out and "rm -rf" not in out and len(json.loads(call("--json").out)["leftovers"]) == 2
