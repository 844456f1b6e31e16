"""A project, and a door to the story without a terminal."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ferrata.flow.execution import run
from ferrata.records.page import Page
from ferrata.records.run_request import RunRequest
from ferrata.world.reporter import RecordingReporter

_spec = importlib.util.spec_from_file_location("projects", Path(__file__).with_name("projects.py"))
assert _spec and _spec.loader
if "projects" not in sys.modules:
    sys.modules["projects"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["projects"])

from projects import STEP  # noqa: E402


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "churn project"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    (folder / "step.py").write_text(STEP)
    (folder / "raw.txt").write_text("raw\n")
    (folder / ".gitignore").write_text("count.txt\n")
    return folder


@pytest.fixture
def python() -> str:
    return f"'{sys.executable}'"


Go = Callable[..., Page]


@pytest.fixture
def go(project: Path) -> Go:
    def go(*stages: str, settings: tuple[str, ...] = (), **options: Any) -> Page:
        return run(RunRequest(stages, settings, **options), RecordingReporter(), folder=project)

    return go
