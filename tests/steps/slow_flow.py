"""A story as `flow.adopt` tells it, with steps that only take time: python slow_flow.py NOTEBOOK TARGET."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ferrata.steps.deliver import CommitSpec, deliver
from ferrata.world.disk import sha256
from ferrata.world.staging import staging_for
from ferrata.world.workspace import Workspace, digest, open_workspace


def slow_step(workspace: Workspace, name: str, inputs: str, number: int) -> int:
    """Adds `number` in a file, slowly; a finished step is recalled."""
    done = workspace.recall(name, inputs)
    if done is None:
        folder = workspace.folder_for(name)
        for part in range(number):
            (folder / f"{part}.txt").write_text("x")
            time.sleep(0.05)
        runs = workspace.folder / f"{name}-runs"
        runs.write_text(str(int(runs.read_text()) + 1 if runs.exists() else 1))
        done = {"sum": len(list(folder.iterdir()))}
        workspace.remember(name, inputs, done)
    return int(done["sum"])


def main(notebook: Path, target: Path) -> None:
    inputs = sha256(notebook)
    with staging_for(target, notebook_sha256=inputs) as staged, open_workspace(digest(inputs, str(target))) as workspace:
        total = sum(slow_step(workspace, name, inputs, number) for name, number in (("settle", 3), ("observe", 4), ("run", 5)))
        for name in ("src", "data"):
            (staged / name).mkdir()
            time.sleep(0.05)
            (staged / name / "file.txt").write_text(name)
        (staged / "result.txt").write_text(str(total))
        (staged / "runs.txt").write_text((workspace.folder / "settle-runs").read_text())
        deliver([CommitSpec("Code", ("src",)), CommitSpec("Data", ("data",)), CommitSpec("Proof")], staged, target)
        workspace.remove()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
