"""A copy of the working tree that shares cache and environment with it, and its run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ferrata.programs import git
from ferrata.records.command import Command, Outcome
from ferrata.store.cache import open_cache
from ferrata.store.config import set_value
from ferrata.world import process

_LEFT_OUT = ("evidence/", ".ferrata/")


def copy_of(project: Path, folder: Path) -> Path:
    """What Git knows or would, without the records of earlier runs; results that Git does not hold come from the cache."""
    for name in process.run(git.listed_with_new(project), check=True).output.split("\0"):
        source, target = project / name, folder / name
        if name and not name.startswith(_LEFT_OUT) and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    process.run(git.init(folder), check=True)
    share_cache(project, folder)
    if (project / ".venv").exists():
        (folder / ".venv").symlink_to((project / ".venv").resolve())
    return folder


def share_cache(project: Path, folder: Path) -> None:
    """What runs in the folder takes from the project's cache, and adds to it."""
    set_value(folder / ".dvc" / "config.local", "cache", "dir", str(Path(open_cache(project).objects).parents[1]), is_private=True)


def run_with(folder: Path, settings: Sequence[str]) -> Outcome:
    """`ferrata run` in the copy, in a process of its own: several run at once."""
    words = [word for setting in settings for word in ("--set", setting)]
    environment = {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    command = Command((sys.executable, "-m", "ferrata", "run", "--json", "--jobs", "1", *words), folder, environment, why="run the pipeline with other seeds")
    return process.run(command)
