"""Writing so that a file has its old content or its new one at every moment: a draft of another name, made safe on the disk, then renamed.

Drafts lie in a folder that one process holds a lock on, where the operating system ends the lock with the process: what a killed one left is removed
by the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PARTS = 128
_YOUNG = 60.0  # seconds; a folder this young may not have its lock yet


@dataclass
class Drafts:
    """Names for drafts in `folder`, on the file system of the files that they become.

    They are spread over folders: ext4 looks for room for a new file near its folder, and with thousands in one that search takes most of the time.
    Copies of this process share the folder.
    """

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _made: set[int] = field(default_factory=set)

    def new(self) -> str:
        number = next(self._numbers)
        part = number % _PARTS
        if part not in self._made:
            os.makedirs(f"{self.folder}/{part}", exist_ok=True)
            self._made.add(part)
        return f"{self.folder}/{part}/{os.getpid():x}-{number}"


@contextlib.contextmanager
def drafts_in(parent: Path, *, mode: int = 0o777) -> Iterator[Drafts]:
    """A folder of this process's own below `parent`, gone at the end; those of processes that ended are removed."""
    parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix="at-", dir=parent))
    folder.chmod(mode & ~_umask())
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # a file system without locks: nobody removes what is ours
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Drafts(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob("at-*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.getmtime(folder) < time.time() - _YOUNG:
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)


def make_safe(folder: Path, files: Iterable[str]) -> None:
    """Return when the content of files in `folder` is on the disk."""
    sync = _sync_of_file_system()
    if sync is None:
        for file in files:
            with open(file, "rb") as stream:
                os.fsync(stream.fileno())
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


@functools.cache
def _sync_of_file_system() -> Callable[[int], None] | None:
    """Linux's `syncfs`: one call for thousands of small files."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    function: Any = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if function is None:
        return None

    def sync(descriptor: int) -> None:
        if function(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    return sync


def write_text(path: Path, text: str, *, mode: int | None = None) -> None:
    """A file of text, whole at every moment; its mode is kept, or the usual one for a new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        before = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(name, before if mode is None else mode)
        os.replace(name, os.path.realpath(path))
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def file_mode() -> int:
    """The mode of a new file that anybody else would have made."""
    return 0o666 & ~_umask()


@functools.cache
def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
