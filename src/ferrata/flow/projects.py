"""The project that a command about data is in, one command at a time in it, and what its disk refuses."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError
from ferrata.store.index import find_root
from ferrata.world.lock import Held, locked

_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def project_of(folder: Path) -> Path:
    root = find_root(folder)
    if root is None:
        raise ProjectError("There is no project here", where=str(folder), todo="Go to a project's folder, or begin one: ferrata data add PATH.")
    return root


def git_root(folder: Path) -> Path | None:
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)


@contextlib.contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """The one command that changes the data of this project; ProjectError while another one does."""
    with disk_told(root), contextlib.ExitStack() as stack:
        (root / ".dvc" / "tmp").mkdir(parents=True, exist_ok=True)
        try:
            stack.enter_context(locked(root / ".dvc" / "tmp" / "ferrata.lock"))
        except Held as held:
            what = "Another ferrata is changing the data of this project right now"
            raise ProjectError(what, where=held.who, todo="Wait for it to end.") from None
        yield


@contextlib.contextmanager
def disk_told(root: Path) -> Iterator[None]:
    """What the operating system refuses becomes an OutsideError that says where, and what to do."""
    try:
        yield
    except OSError as error:
        where = str(error.filename or root)
        if error.errno in _FULL:
            todo = "Free some space and run the command again: it goes on where it stopped."
            raise OutsideError("There is no space left on the disk", where=where, todo=todo) from error
        if error.errno in _REFUSED:
            what = "The file system is read-only" if error.errno == errno.EROFS else "Permission was denied"
            raise OutsideError(what, where=where, todo="See who may write there, or set cache.dir in .dvc/config.local to another folder.") from error
        raise OutsideError(error.strerror or str(error), where=where, todo="See whether the path can be used.") from error
