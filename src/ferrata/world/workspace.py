"""Where a long command works, so that the same command continues after it was killed.

One folder per (notebook, options) in the user's cache, with a journal: one line per finished step, with a digest of what went in and whatever
the step wants to find again. A line that was cut off by a kill is no line: its step is done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.standing import KEPT_DAYS
from ferrata.world.disk import TRASH, cache_folder, discard, disk_errors, private_folder, remove_tree
from ferrata.world.lock import Held, is_locked, locked

FORMAT = 1  # of the journal; another one is not continued
DAY = 86400.0


@dataclass(frozen=True)
class Workspace:
    """`folder` is private to the user; put what can be large in it freely: it is removed with the workspace."""

    folder: Path
    _finished: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def recall(self, step: str, inputs: str) -> dict[str, Any] | None:
        """What the step left when it last ended with the same inputs (see `digest`), else None."""
        entry = self._finished.get(step)
        return entry["result"] if entry is not None and entry["inputs"] == inputs else None

    def remember(self, step: str, inputs: str, result: dict[str, Any]) -> None:
        """The step has ended: all its files are written. `result` is JSON."""
        entry = {"format": FORMAT, "step": step, "inputs": inputs, "result": result}
        self._finished[step] = entry
        with disk_errors(self.journal), self.journal.open("ab") as stream:
            # A line that a kill cut off must not swallow this one.
            stream.write(b"\n" + json.dumps(entry).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())

    def folder_for(self, name: str) -> Path:
        """An empty folder of this name; what an unfinished step left in it is gone."""
        folder = self.folder / name
        remove_tree(folder)
        with disk_errors(folder):
            return private_folder(folder)

    def remove(self) -> None:
        """Gone at once for everybody else; the files are deleted by a process that nobody waits for."""
        discard(self.folder)


@dataclass(frozen=True)
class LeftWorkspace:
    """A workspace that an ended command left. `age` in seconds."""

    folder: Path
    age: float


def digest(*parts: Any) -> str:
    """A digest of JSON values, the same in every process; paths and others by their text."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@contextlib.contextmanager
def open_workspace(key: str, *, root: Path | None = None) -> Iterator[Workspace]:
    """The workspace of this key (a `digest`), with what earlier commands finished; ProjectError while another command is in it."""
    root = _root(root)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(_lock(root, key)))
        except Held as held:
            what = "Another ferrata is adopting this notebook with the same options right now"
            raise ProjectError(what, where=held.who, todo="Wait for it to end.") from None
        remove_old(root)
        folder = private_folder(root / key[:32])
        yield Workspace(folder, _read_journal(folder / "journal.jsonl"))


def left_workspaces(root: Path | None = None, *, now: float | None = None) -> tuple[LeftWorkspace, ...]:
    """Workspaces on disk that nobody is in, oldest first."""
    root = _root(root)
    now = time.time() if now is None else now
    found = (LeftWorkspace(folder, now - _last_used(folder)) for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(TRASH))
    free = (left for left in found if not is_locked(_lock(root, left.folder.name)))
    return tuple(sorted(free, key=lambda left: -left.age))


def remove_old(root: Path | None = None, *, now: float | None = None) -> None:
    """Remove workspaces that nobody has used for 14 days, and what an earlier removal left."""
    root = _root(root)
    for rest in root.glob(f"{TRASH}*"):
        remove_tree(rest)
    for left in left_workspaces(root, now=now):
        if left.age > KEPT_DAYS * DAY:
            with contextlib.suppress(Held), locked(_lock(root, left.folder.name)):
                remove_tree(left.folder)


def _root(root: Path | None) -> Path:
    with disk_errors(root or Path("cache")):
        return private_folder(root if root is not None else cache_folder() / "adopt")


def _lock(root: Path, key: str) -> Path:
    return root / f"{key[:32]}.lock"


def _last_used(folder: Path) -> float:
    with contextlib.suppress(FileNotFoundError):
        return max(path.stat().st_mtime for path in (folder, folder / "journal.jsonl") if path.exists())
    return time.time()


def _read_journal(path: Path) -> dict[str, dict[str, Any]]:
    finished: dict[str, dict[str, Any]] = {}
    for line in path.read_bytes().split(b"\n") if path.exists() else ():
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and entry.get("format") == FORMAT:
                finished[entry["step"]] = entry
    return finished
