"""Killed at any moment, adopting leaves the author's files alone and no half project, and the same command gets through afterwards."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

# What the progress says when a step begins, and the most seconds into it at which the command is killed.
MOMENTS = (
    ("Read the notebook", 0.5), ("Run the notebook", 1.0), ("Run the notebook", 12.0), ("Replay", 4.0), ("Write and prove", 0.7), ("Write and prove", 8.0),
    ("Deliver", 0.3),
)


@pytest.mark.parametrize("author", ["scores_by_hand"], indirect=True)
def test_killed_at_any_moment_nothing_is_half_done_and_the_same_command_gets_through(author: Any) -> None:
    before, chance, killed = author.digests(), random.Random(20), []
    for step, most in MOMENTS:
        killed.append(_killed(author, step, chance.uniform(0, most)))
        assert author.digests() == before, f"killed in {step!r}: the author's files changed"
        if author.target.exists():
            _check_whole(author.target)
            break
    assert killed.count(True) >= len(killed) - 1 >= 4, "hardly a run was killed: this test tested nothing"
    # Where the last kill came after the project had appeared, the same notebook goes to another folder, and clears what was left.
    target = author.target.with_name("again") if author.target.exists() else author.target
    command = [str(target) if word == str(author.target) else word for word in author.command]
    done = subprocess.run(command, env=author.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
    assert json.loads(done.stdout)["outcome"] == "proved", done.stdout + done.stderr[-3000:]
    _check_whole(target)
    assert author.digests() == before
    assert _litter(author) == []


def _killed(author: Any, step: str, seconds: float) -> bool:
    """Whether the command was still running this long after it said that the step begins."""
    process = subprocess.Popen(
        author.command, env=author.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith(step):
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
    """Staging folders beside the project and workspaces in the cache, which the command that got through must have cleared."""
    root = author.target.parent
    workspaces = [path for path in (root / "cache" / "ferrata" / "adopt").iterdir() if path.is_dir()]
    return [str(path.relative_to(root)) for path in (*root.glob(".*ferrata-*"), *workspaces)]
