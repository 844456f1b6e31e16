"""Killed at any moment, adopting leaves the author's files alone and no half project, and the same command gets through afterwards."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

# What the progress says when a step begins, and the most seconds into it at which the command is killed.
MOMENTS = (
    ("Read the notebook", 0.5), ("Run the notebook", 1.0), ("Run the notebook", 4.0), ("Replay", 2.0), ("Write and prove", 0.7), ("Write and prove", 4.0),
)


@pytest.mark.parametrize("author", ["scores_by_hand"], indirect=True)
def test_killed_at_any_moment_nothing_is_half_done_and_the_same_command_gets_through(author: Any) -> None:
    before, chance, killed = author.digests(), random.Random(20), []
    for step, most in MOMENTS:
        killed.append(_killed(author, step, chance.uniform(0, most)))
        assert author.digests() == before, f"killed in {step!r}: the author's files changed"
        if killed[-1]:
            assert not author.target.exists(), f"killed in {step!r}: there is a project that nothing has proved"
        else:  # a fast machine was through before the shot
            _check_whole(author.target)
            shutil.rmtree(author.target)
    assert sum(killed) >= 3, killed
    _check_proved(author)
    assert author.digests() == before
    assert _litter(author) == []


@pytest.mark.parametrize("author", ["scores_by_hand"], indirect=True)
def test_what_a_kill_left_half_removed_is_not_trusted(author: Any) -> None:
    """Killed while the proof runs, and a part of its environment gone, as when the kill comes while the workspace is removed."""
    assert _killed(author, "running", 0.0)
    for package in (author.target.parent / "cache/ferrata/adopt").glob("*/clean-environment/lib/*/site-packages/pandas"):
        shutil.rmtree(package)
    _check_proved(author)
    assert _litter(author) == []


def _check_proved(author: Any) -> None:
    done = subprocess.run(author.command, env=author.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
    assert json.loads(done.stdout)["outcome"] == "proved", done.stdout + done.stderr[-3000:]
    _check_whole(author.target)


def _killed(author: Any, step: str, seconds: float) -> bool:
    """Whether the command was still running this long after it said that the step begins."""
    process = subprocess.Popen(
        author.command, env=author.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.strip().startswith(step):
            break
    else:
        pytest.fail(f"{step!r} was never said:\n{''.join(said)[-3000:]}")
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def _check_whole(project: Path) -> None:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", "-C", str(project), *arguments], capture_output=True, text=True, check=True).stdout

    assert git("status", "--porcelain") == ""
    git("fsck", "--strict")
    assert json.loads((project / "evidence" / "adopt.json").read_text(encoding="utf-8"))["level"] in ("identical", "equal")
    assert {"dvc.yaml", "dvc.lock", "uv.lock", "README.md", "evidence/adopt.json"} <= set(git("ls-files").splitlines())


def _litter(author: Any) -> list[str]:
    """Staging folders beside the project and workspaces in the cache, which the command that got through must have cleared.

    What it took away it deletes in the background: that has a minute.
    """
    root = author.target.parent
    found: list[str] = []
    for _ in range(120):
        workspaces = [path for path in (root / "cache" / "ferrata" / "adopt").iterdir() if path.is_dir()]
        found = [str(path.relative_to(root)) for path in (*root.glob(".*ferrata-*"), *workspaces)]
        if not found:
            break
        time.sleep(0.5)
    return found
