"""Projects whose stages are lines of Python, and questions to them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from ferrata.records.page import Page
from ferrata.steps.stand import stage_standings

# Upper-cases its inputs into its first output, and counts that it ran.
STEP = """
import pathlib, sys
out, *inputs = sys.argv[1:]
pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
pathlib.Path(out).write_text("".join(pathlib.Path(path).read_text() for path in inputs).upper() or out)
with open(pathlib.Path(__file__).with_name("count.txt"), "a") as count:
    count.write(out + "\\n")
"""


def actions(page: Page) -> dict[str, str]:
    return {stage["name"]: stage["action"] for stage in page.data["stages"]}


def reasons(project: Path) -> dict[str, str]:
    """Of the stages that are not up to date."""
    return {stage.name: stage.reason or f"after {stage.after}" for stage in stage_standings(project) if stage.reason or stage.after}


def ran(project: Path) -> list[str]:
    """The outputs that were computed since this was last asked."""
    path = project / "count.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def ask(dvc: Path, folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder.parent / "site")}
    done = subprocess.run([dvc, *arguments], cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def status_of_dvc(dvc: Path, folder: Path) -> Any:
    return json.loads(ask(dvc, folder, "status", "--json"))
