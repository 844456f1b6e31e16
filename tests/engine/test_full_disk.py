"""A disk that is full during a run: said, nothing half taken for whole, and the next run goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import actions, reasons

from ferrata.errors import FerrataError
from ferrata.flow.execution import run
from ferrata.records.page import Page
from ferrata.records.run_request import RunRequest
from ferrata.store.hashing import digest
from ferrata.store.pipelines.lock import read_lock
from ferrata.world.reporter import RecordingReporter

pytestmark = pytest.mark.slow
PIPELINE = """
stages:
  grow:
    cmd: head -c {size} /dev/zero > big.bin && cat step.txt >> big.bin
    deps: [step.txt]
    outs: [big.bin]
  after:
    cmd: wc -c < big.bin > count.txt
    deps: [big.bin]
    outs: [count.txt]
"""


def outcome(project: Path) -> Page | FerrataError:
    try:
        return run(RunRequest(), RecordingReporter(), folder=project)
    except FerrataError as error:
        return error


@pytest.mark.parametrize("size", [700_000, 1_500_000, 3_000_000])
def test_a_full_disk(small_disk: Callable[[int], Path], size: int) -> None:
    small = small_disk(6)
    project = small / "project"
    project.mkdir()
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    (project / "dvc.yaml").write_text(PIPELINE.format(size=1000))
    (project / "step.txt").write_text("one")
    first = outcome(project)
    assert isinstance(first, Page) and actions(first) == {"grow": "ran", "after": "ran"}
    good = (project / "big.bin").read_bytes()
    filler = small / "filler"
    filler.write_bytes(os.urandom((os.statvfs(small).f_bavail * os.statvfs(small).f_frsize) - size - 40_000))
    (project / "dvc.yaml").write_text(PIPELINE.format(size=size))

    failed = outcome(project)
    assert isinstance(failed, FerrataError) or failed.status == 1, failed
    told = f"{failed} {getattr(failed, 'data', '')}"
    assert "No space left" in told or "no space left" in told, told
    row = next(out for out in read_lock(project)["grow"]["outs"] if out["path"] == "big.bin")
    for name in {"grow", "after"} - set(reasons(project)):
        assert name == "after" or digest(project / "big.bin").md5 == row["md5"]
    assert (project / "big.bin").read_bytes() == good or "grow" in reasons(project)

    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=40m", str(small)], check=True)
    again = outcome(project)
    assert isinstance(again, Page) and again.status == 0
    assert (project / "count.txt").read_text().strip() == str(size + 3) and reasons(project) == {}
