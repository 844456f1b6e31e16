"""`ferrata verify` killed at random moments. KILLS=200 is the long form."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ferrata.records.page import Page

if TYPE_CHECKING:
    Place = Any

pytestmark = pytest.mark.slow
Check = Callable[..., Page]


def digests(folder: Path) -> dict[str, str]:
    """Whatever is somebody's: not the tables of Git and of ferrata, which are written anew at will."""
    written = (".dvc/tmp/", ".git/index", "evidence/")
    files = (path for path in folder.rglob("*") if path.is_file() and not path.relative_to(folder).as_posix().startswith(written))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def still_running(project: Path) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"FERRATA_RUN=" in (folder / "environ").read_bytes() and str(project).encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def test_killed_at_random_moments(place: Place, check: Check, scratch: Path) -> None:
    whole = {folder: digests(folder) for folder in (place.project, place.origin, place.shared)}
    started = time.monotonic()
    command = [sys.executable, "-m", "ferrata", "verify"]
    subprocess.run(command, cwd=place.project, check=True, capture_output=True)
    length = time.monotonic() - started
    assert list(scratch.glob("ferrata-*")) == []
    seed = int(os.environ.get("SEED", "0"))
    moments = random.Random(seed)
    for _ in range(int(os.environ.get("KILLS", "8"))):
        victim = subprocess.Popen(command, cwd=place.project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0, length))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        for folder, before in whole.items():
            assert digests(folder) == before
        evidence = place.project / "evidence" / "verify.json"
        assert not evidence.exists() or json.loads(evidence.read_text())["outcome"] == "verified"
    page = check()
    assert page.data["outcome"] == "verified"
    left = [folder for folder in scratch.glob("ferrata-verify-*") if any(folder.iterdir())]  # an empty one goes a minute later
    assert left == [] and still_running(place.project) == []
