"""Push and pull killed at random moments, and on a disk that is full. `kill_share.py 200 FOLDER` is the long form."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def test_killed_at_random_moments(tmp_path: Path) -> None:
    script = Path(__file__).with_name("kill_share.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, str(script), "16", str(tmp_path)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_a_full_disk_is_said_and_nothing_half_is_taken(small_disk: Callable[[int], Path], tmp_path: Path) -> None:
    from ferrata.errors import OutsideError
    from ferrata.flow import remotes, sharing, tracking
    from ferrata.world.reporter import RecordingReporter

    small, project = small_disk(3), tmp_path / "project"
    (project / "data").mkdir(parents=True)
    for number in range(10):
        (project / "data" / f"{number}").write_bytes(os.urandom(1 << 19))
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    tracking.add(project, [Path("data")], RecordingReporter())
    remotes.add_remote(project, str(small / "store"))
    with pytest.raises(OutsideError, match="no space left"):
        sharing.push(project, RecordingReporter())
    assert not list((small / "store").rglob("*.dir"))
    subprocess.run(["mount", "-o", "remount,size=20m", str(small)], check=True)
    assert sharing.push(project, RecordingReporter()).moved == 11
