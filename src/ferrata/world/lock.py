"""One writer at a time. The operating system releases the lock when its holder dies, however it dies."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ferrata.errors import OutsideError
from ferrata.world.disk import disk_errors


class Held(Exception):
    """Somebody else holds the lock; `holder` is what they wrote about themselves ({} when it cannot be read)."""

    def __init__(self, holder: dict[str, Any]) -> None:
        super().__init__(str(holder))
        self.holder = holder

    @property
    def who(self) -> str:
        return "process {process} on {host}, since {since}".format(**self.holder) if self.holder else "another process"


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[int]:
    """Hold the lock file at `path`; raises Held at once when it is taken, unless `wait`. Gives the descriptor that holds it.

    A child that inherits the descriptor holds the lock on when we are killed, and only then. The file stays: removing it would let two processes
    each lock a file of that name.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, path, wait)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps(_myself()).encode())
        try:
            yield descriptor
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    try:
        with locked(path):
            return False
    except Held:
        return True


def _take(descriptor: int, path: Path, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise Held(_holder(path)) from None
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL):
            raise
        todo = "Set XDG_CACHE_HOME to a folder on a local disk."
        raise OutsideError("This file system cannot lock files", where=str(path), todo=todo) from error


def _myself() -> dict[str, Any]:
    return {"process": os.getpid(), "host": os.uname().nodename, "since": time.strftime("%H:%M:%S")}


def _holder(path: Path) -> dict[str, Any]:
    try:
        holder = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}
