"""`ferrata why` killed at random moments leaves the project as it was, and nothing that runs. KILLS=100 is the long form."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.explaining.planted import Place, own_environment
from tests.explaining.samples import orders

pytestmark = pytest.mark.slow


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.relative_to(folder).as_posix().startswith((".git/index", ".venv/", ".dvc/tmp/")))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_killed_at_random_moments(tmp_path: Path, scratch: Path) -> None:
    place = Place(tmp_path / "project", own_environment(()))
    place.make(orders())
    result = place.run()
    place.change("params.yaml", "rate: 0.92", "rate: 0.95")
    before = digests(place.folder)
    command = [sys.executable, "-m", "ferrata", "why", result]
    moments = random.Random(int(os.environ.get("SEED", "0")))
    for _ in range(int(os.environ.get("KILLS", "4"))):
        victim = subprocess.Popen(command, cwd=place.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.3, 2.5))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        assert digests(place.folder) == before
    done = subprocess.run(command, cwd=place.folder, capture_output=True, text=True)
    assert done.returncode == 1 and "prepare.rate explains the difference" in done.stdout, done.stderr
    assert digests(place.folder) == before
    assert list(scratch.glob("ferrata-why-*")) == [], "the next one removes what was left"
