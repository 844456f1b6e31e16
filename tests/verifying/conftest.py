"""A small project with a lock, a Git remote that it is pushed to, and a folder that its data is shared in."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ferrata.flow.execution import run
from ferrata.flow.verifying import verify
from ferrata.programs import uv
from ferrata.records.page import Page
from ferrata.records.run_request import RunRequest
from ferrata.records.verification import VerifyRequest
from ferrata.world import process
from ferrata.world.reporter import RecordingReporter

PREPARE = """
from pathlib import Path
rows = Path("data/raw.csv").read_text().splitlines()
Path("ready.csv").write_text("\\n".join(sorted(rows)))
"""
TRAIN = """
import json
from pathlib import Path
rate = float(Path("params.yaml").read_text().split(":")[1])
rows = [float(row) for row in Path("ready.csv").read_text().split()]
Path("metrics.json").write_text(json.dumps({"total": sum(rows) * rate, "rows": len(rows), "fit_time": __import__("time").time()}))
Path("predictions.csv").write_text("prediction\\n" + "\\n".join(str(row * rate) for row in rows) + "\\n")
"""
PIPELINE = """
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py, data/raw.csv]
    outs: [ready.csv]
  train:
    cmd: python train.py
    deps: [train.py, ready.csv]
    params: [rate]
    outs:
      - predictions.csv:
          cache: false
    metrics:
      - metrics.json:
          cache: false
"""
PYPROJECT = """
[project]
name = "small"
version = "0"
requires-python = ">=3.11"
"""


@dataclass
class Place:
    """`project` is the author's, `origin` the bare repository, `shared` the folder that is its DVC remote."""

    project: Path
    origin: Path
    shared: Path

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.project, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        place = self.project / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def run(self) -> None:
        page = run(RunRequest(), RecordingReporter(), folder=self.project)
        assert page.status == 0, page

    def publish(self, message: str = "more") -> None:
        """Commit, share the data, push."""
        from ferrata.flow import sharing

        self.git("add", "--all")
        self.git("commit", "-q", "-m", message)
        sharing.push(self.project, RecordingReporter())
        self.git("push", "-q", "origin", "main")

    def push_commit(self, message: str) -> None:
        """Commit what Git knows already, and push; the data stays as it is."""
        self.git("commit", "-q", "-a", "-m", message)
        self.git("push", "-q", "origin", "main")

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.project / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Temporary files of this test alone: others verify at the same time."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def place(tmp_path: Path, nobody: None) -> Place:
    from ferrata.flow import remotes, tracking

    found = Place(tmp_path / "author" / "small", tmp_path / "origin.git", tmp_path / "shared")
    found.project.mkdir(parents=True)
    found.git("init", "-q", "-b", "main")
    files = {
        "prepare.py": PREPARE, "train.py": TRAIN, "dvc.yaml": PIPELINE, "pyproject.toml": PYPROJECT, "params.yaml": "rate: 0.5\n",
        "data/raw.csv": "3\n1\n2\n", ".gitignore": "/.venv/\n", ".python-version": f"{sys.version_info[0]}.{sys.version_info[1]}\n",
    }  # fmt: skip
    for path, text in files.items():
        found.write(path, text)
    process.run(uv.lock(found.project), check=True)
    tracking.add(found.project, [found.project / "data" / "raw.csv"], RecordingReporter())
    remotes.add_remote(found.project, str(found.shared))
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", found.origin], check=True)
    found.git("remote", "add", "origin", str(found.origin))
    found.run()
    found.publish("a project")
    found.git("branch", "-q", "--set-upstream-to", "origin/main")
    return found


Check = Callable[..., Page]


@pytest.fixture
def check(place: Place) -> Check:
    def check(source: str = "", *, folder: Path | None = None, **options: Any) -> Page:
        return verify(VerifyRequest(source, **options), RecordingReporter(), folder=folder or place.project)

    return check
