"""One run at a time in a project, and DVC kept out of the files that a stage reads and writes, by DVC's own locks.

`.dvc/tmp/ferrata.lock` is held for the whole run, by its commands too, so that what a killed run left running is noticed (and ended). `.dvc/tmp/lock`
is DVC's: held while dvc.lock is replaced. `.dvc/tmp/rwlock` says which paths are in use (`dvc/rwlock.py`): read and written as DVC does.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import OutsideError
from ferrata.records.project import overlap
from ferrata.world.lock import Held, locked

PATIENCE = 20.0  # seconds to wait for DVC, which holds its lock for the time of a look


def mark_of(project: Path, pid: int) -> str:
    return f"{pid}:{project}"


@contextlib.contextmanager
def one_run(project: Path) -> Iterator[int]:
    """Gives the descriptor for the commands to hold. OutsideError when another run is going on."""
    path = project / ".dvc" / "tmp" / "ferrata.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(_taken(project, path))


@contextlib.contextmanager
def _taken(project: Path, path: Path) -> Iterator[int]:
    for attempt in range(50):
        try:
            with locked(path) as descriptor:
                yield descriptor
                return
        except Held as held:
            if attempt == 49 or not _end_orphans(project, held):
                todo = "Wait for it to end. `ferrata status` can be used meanwhile."
                raise OutsideError(f"Another run is going on in this project: {held.who}", where=str(project), todo=todo) from None
            time.sleep(0.1)


def _end_orphans(project: Path, held: Held) -> bool:
    """Whether the run itself was killed, and only its commands hold the lock; they are ended."""
    pid = held.holder.get("process")
    if not isinstance(pid, int) or held.holder.get("host") != os.uname().nodename or _is_alive(pid):
        return not held.holder  # the holder is just writing down who it is
    from ferrata.world.commands import kill_marked

    kill_marked(mark_of(project, pid))
    return True


@contextlib.contextmanager
def dvc_lock(project: Path) -> Iterator[None]:
    with _flock(project / ".dvc" / "tmp" / "lock"):
        yield


@contextlib.contextmanager
def in_use(project: Path, reads: Sequence[str], writes: Sequence[str]) -> Iterator[None]:
    """Announce paths to DVC. OutsideError when a running DVC writes one of them, or reads one that is to be written."""
    us = {"pid": os.getpid(), "cmd": " ".join(sys.argv)}
    with _table(project) as table:
        _check(table, us, reads, writes)
        for path in reads:
            table["read"].setdefault(path, []).append(us)
        table["write"].update(dict.fromkeys(writes, us))
    try:
        yield
    finally:
        with _table(project) as table:
            _release(table, us, reads, writes)


def _check(table: dict[str, Any], us: dict[str, Any], reads: Sequence[str], writes: Sequence[str]) -> None:
    blockers = [(path, info) for path, info in table["write"].items() if _overlap(path, (*reads, *writes))]
    blockers += [(path, info) for path, infos in table["read"].items() if _overlap(path, writes) for info in infos]
    for path, info in blockers:
        if info["pid"] != us["pid"] and _is_alive(info["pid"]):
            what = f"{path} is in use by `{info['cmd']}` (process {info['pid']})"
            raise OutsideError(what, where=".dvc/tmp/rwlock", todo="Wait for it to end and run the command again.")


def _release(table: dict[str, Any], us: dict[str, Any], reads: Sequence[str], writes: Sequence[str]) -> None:
    for path in reads:
        if us in table["read"].get(path, ()):
            table["read"][path].remove(us)
    table["read"] = {path: infos for path, infos in table["read"].items() if infos}
    table["write"] = {path: info for path, info in table["write"].items() if path not in writes or info != us}


@contextlib.contextmanager
def _table(project: Path) -> Iterator[dict[str, Any]]:
    path = project / ".dvc" / "tmp" / "rwlock"
    with _flock(path.with_name("rwlock.lock")):
        try:
            table = {"read": {}, "write": {}, **json.loads(path.read_text(encoding="utf-8"))}
        except (FileNotFoundError, ValueError):
            table = {"read": {}, "write": {}}
        yield table
        draft = path.with_name("rwlock.new")
        draft.write_text(json.dumps({key: value for key, value in table.items() if value}), encoding="utf-8")
        os.replace(draft, path)


@contextlib.contextmanager
def _flock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _wait_for(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise OutsideError("DVC is working in this project", where=str(path), todo="Wait for it to end.") from None
            time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:  # a process that has ended and that nobody has asked for yet is none
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True


def _overlap(path: str, others: Sequence[str]) -> bool:
    return any(overlap(path, other) for other in others)
