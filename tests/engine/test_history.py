"""The record of a run, and the history of a branch."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import actions

from ferrata.errors import ProjectError, UsageError
from ferrata.flow.recall import history
from ferrata.pages.terminal import to_text
from ferrata.records.page import Page

Go = Callable[..., Page]
PIPELINE = """
stages:
  train:
    cmd: 'echo "{\\"acc\\": 0.$(tr -dc 0-9 < params.yaml)}" > m.json'
    deps: [raw.txt]
    params: [model, seed]
    metrics: [m.json: {cache: false}]
"""


def git(project: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=project, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def committed(project: Path) -> Path:
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / "params.yaml").write_text("model: {depth: 5}\nseed: 0\n")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "first")
    return project


def test_nothing_is_recorded_where_nothing_ran(committed: Path, go: Go) -> None:
    assert history(folder=committed).data["runs"] == []
    go()
    go()
    go(is_dry_run=True, is_forced=True)
    assert len(history(folder=committed).data["runs"]) == 1


def test_a_record_says_from_what_on_what_and_what_came_out(committed: Path, go: Go) -> None:
    page = go()
    record = json.loads((committed / page.data["record"]).read_text())
    assert record["commit"] == git(committed, "rev-parse", "HEAD") and record["branch"] == "main" and record["uncommitted"] == {}
    assert record["params"] == {"params.yaml": {"model": {"depth": 5}, "seed": 0}} and record["seeds"] == {"seed": 0}
    assert record["scores"] == {"m.json": {"acc": 0.5}}
    (stage,) = record["stages"]
    assert stage["action"] == "ran" and stage["reasons"] == ["it has never run"] and stage["peak_memory"] > 0
    assert record["machine"]["cores"] > 0 and record["lock"]
    assert "logs" in (committed / ".ferrata" / ".gitignore").read_text()


def test_history_says_what_changed_newest_first(committed: Path, go: Go) -> None:
    go()
    go(settings=("model.depth=7",))
    (committed / "step.py").write_text("# changed")
    go(is_forced=True)
    changed = [run["changed"] for run in history(folder=committed).data["runs"]]
    assert changed == [["what is not committed"], ["model.depth: 5 → 7"], []]
    text = to_text(history(folder=committed))
    assert "model.depth: 5 → 7" in text and "the first run" in text and "0.7" in text


def test_a_run_from_another_branch_is_not_of_this_one(committed: Path, go: Go) -> None:
    go()
    git(committed, "checkout", "-q", "-b", "other")
    git(committed, "commit", "-q", "--allow-empty", "-m", "other")
    go(settings=("model.depth=8",))
    assert len(history(folder=committed).data["runs"]) == 2
    git(committed, "checkout", "-q", "main")
    assert len(history(folder=committed).data["runs"]) == 1


def test_a_failed_run_is_recorded_and_a_damaged_record_is_named(committed: Path, go: Go) -> None:
    (committed / "dvc.yaml").write_text(PIPELINE.replace("echo", "false; exit 3; echo"))
    assert actions(go()) == {"train": "failed"}
    assert history(folder=committed).data["runs"][0]["outcome"] == "failed"
    (committed / ".ferrata" / "runs" / "x.json").write_text("{")
    with pytest.raises(ProjectError, match="damaged"):
        history(folder=committed)


def test_the_course_of_a_score_is_one_picture(committed: Path, go: Go, tmp_path: Path) -> None:
    for depth in ("3", "5", "8"):
        go(settings=(f"model.depth={depth}",))
    picture = tmp_path / "course.svg"
    history(folder=committed, picture=picture)
    root = ElementTree.fromstring(picture.read_text())
    titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[0] == "churn project: acc over 3 recorded runs" and len(titles) == 4
    assert all(re.fullmatch(r"\w{7}\+?: 0\.\d+", text or "") for text in titles[1:])
    assert "is not measured" in picture.read_text()
    (committed / "evidence").mkdir()
    known = {"commit": "abcdefghij", "moved": [{"kind": "training", "scores": {"accuracy": [0.3, 0.4, 0.5]}}]}
    (committed / "evidence" / "noise.json").write_text(json.dumps(known))
    history(folder=committed, picture=picture, score="acc")
    assert "3 trainings of abcdefg" in picture.read_text()
    with pytest.raises(UsageError, match="No run has the score f1"):
        history(folder=committed, picture=picture, score="f1")
