"""Push and pull killed at random moments, and on a disk that is full. `kill_share.py 200 FOLDER` is the long form."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def test_killed_at_random_moments(tmp_path: Path) -> None:
    script = Path(__file__).with_name("kill_share.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, str(script), "16", str(tmp_path)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_nothing_half_is_taken(small_disk: Path, tmp_path: Path) -> None:
    from ferrata.errors import OutsideError
    from ferrata.flow import remotes, sharing, tracking
    from ferrata.world.reporter import RecordingReporter

    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    for number in range(10):
        (project / "data" / f"{number}").write_bytes(os.urandom(1 << 19))
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    tracking.add(project, [Path("data")], RecordingReporter())
    remotes.add_remote(project, str(small_disk / "store"))
    with pytest.raises(OutsideError, match="no space left"):
        sharing.push(project, RecordingReporter())
    assert not list((small_disk / "store").rglob("*.dir"))
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    assert sharing.push(project, RecordingReporter()).moved == 11
