"""How one file becomes another: sharing its blocks, another name for it, a link to it, or a copy.

Also the seal of an object: the billionths of the second of its last change are made from its digest. Whoever writes into the object sets another time,
so a sealed object is as it was checked, and a file that says nothing is hashed again.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ferrata.store.index import RACY

PROTECTED = 0o444
_CHUNK = 1 << 20
_LARGE_CHUNK = 1 << 22
_SAVED = 1 << 27  # bytes of one copy that the disk is given at a time
_FICLONE = 0x40049409  # ioctl of Linux: share the blocks of a file (btrfs, xfs)
_SECOND = 1_000_000_000
_CANNOT = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.ENOTTY, errno.ENOSYS, errno.EINVAL, errno.EAGAIN, errno.EMLINK}
)


@dataclass
class Linker:
    """Makes files by the first kind that works here; one that the file system does not know is not tried twice."""

    kinds: Sequence[str]
    _useless: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """The kind that is used from now on."""
        return next((kind for kind in self.kinds if kind not in self._useless), "")

    def make(self, source: str, draft: str, size: int) -> str:
        """Make `draft` of `source` and return the kind; OSError (ENOTSUP) when no kind is left."""
        while kind := self.kind:
            try:
                return self._make(kind, source, draft, size)
            except OSError as error:
                if kind == "copy" or error.errno not in _CANNOT:
                    raise
                if error.errno == errno.EMLINK:  # this file has all the names it can have; others may have more
                    shutil.copyfile(source, draft)
                    return "copy"
                self._useless.add(kind)
        raise OSError(errno.ENOTSUP, "None of the links of cache.type can be made here", draft)

    def _make(self, kind: str, source: str, draft: str, size: int) -> str:
        if kind == "reflink":
            share_blocks(source, draft)
        elif kind == "hardlink" and size:  # as DVC: the empty file has too many names in some data
            os.link(source, draft)
        elif kind == "symlink":
            os.symlink(source, draft)
        else:
            shutil.copyfile(source, draft)
            return "copy"
        return kind


def share_blocks(source: str, target: str) -> None:
    """A copy that takes no space; OSError where the file system has none."""
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOTSUP, "not on this system", target)
    import fcntl

    with open(source, "rb", buffering=0) as reader, open(target, "xb", buffering=0) as writer:
        try:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        except OSError:
            os.unlink(target)
            raise


def write_new(path: str, content: bytes, mode: int, *, md5: str = "") -> None:
    """A new file; with `md5` it is sealed (see `seal`)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        if md5:
            _seal(descriptor, md5)
    finally:
        os.close(descriptor)


def read_small(path: str, size: int) -> bytes:
    """The content of a file that was this long; whatever it is now."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = os.read(descriptor, size + 1)
        if len(content) != size:
            while more := os.read(descriptor, _CHUNK):
                content += more
        return content
    finally:
        os.close(descriptor)


def copy_hashed(source: str, target: str, mode: int) -> str:
    """Copy a file that is read once, and return the digest of what was written.

    Hashing has a thread of its own, it takes as long as copying, and so has the disk: what has been written by then is on its way when the copy ends.
    """
    from concurrent.futures import ThreadPoolExecutor

    hasher = hashlib.md5(usedforsecurity=False)
    with open(source, "rb", buffering=0) as reader:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(descriptor, "wb", buffering=0) as writer, ThreadPoolExecutor(2) as threads:
            hashed, saved, unsaved = threads.submit(int), threads.submit(int), 0
            while chunk := reader.read(_LARGE_CHUNK):
                hashed.result()
                hashed = threads.submit(hasher.update, chunk)  # type: ignore[arg-type]
                view = memoryview(chunk)
                while view:
                    view = view[writer.write(view) :]
                unsaved += len(chunk)
                if unsaved >= _SAVED and saved.done():
                    saved.result()
                    saved, unsaved = threads.submit(os.fsync, descriptor), 0  # type: ignore[arg-type]
    return hasher.hexdigest()


def _seal_of(md5: str) -> int:
    return int(md5[:8], 16) % _SECOND


def seal(path: str, md5: str) -> None:
    """Mark an object as checked, and protect it; nothing where the file is somebody else's."""
    try:
        _seal(path, md5)
        os.chmod(path, PROTECTED)
    except PermissionError:
        return


def _seal(place: str | int, md5: str) -> None:
    moment = (time.time_ns() - RACY) // _SECOND * _SECOND + _seal_of(md5)
    os.utime(place, ns=(moment, moment))
    if isinstance(place, int) and _hides_reading():
        os.fchmod(place, PROTECTED)


@functools.cache
def _hides_reading() -> bool:
    """Whether new files cannot be read by all, however they are made."""
    mask = os.umask(0o777)
    os.umask(mask)
    return bool(mask & PROTECTED)


def is_sealed(status: os.stat_result, md5: str) -> bool:
    return stat.S_ISREG(status.st_mode) and status.st_mtime_ns % _SECOND == _seal_of(md5)


def make_settled(path: str) -> None:
    """Put the last change of a file of ours before now by so much that any later change is seen (see `index`)."""
    moment = time.time_ns() - RACY - _SECOND // 2
    os.utime(path, ns=(moment, moment))
