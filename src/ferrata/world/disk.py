"""Files: writing them whole, removing them, and saying plainly what a disk refuses."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from ferrata.errors import OutsideError

CHUNK = 1 << 20

_FREE = "Free some space and run the command again: it goes on where it stopped."
_INTO = "Choose a folder that you may write to with --into DIR."
_CACHE = "See who may write there, or set cache.dir in .dvc/config.local to another folder."
_REFUSALS = {
    errno.ENOSPC: ("There is no space left on the disk", _FREE),
    errno.EDQUOT: ("Your disk quota is used up", _FREE),
    errno.EROFS: ("The file system is read-only", ""),
    errno.EACCES: ("Permission was denied", ""),
    errno.EPERM: ("Permission was denied", ""),
    errno.EMFILE: ("Too many files are open", "Raise the limit (`ulimit -n 4096`) and run the command again."),
    errno.ENAMETOOLONG: ("A path is too long for this file system", ""),
    errno.EIO: ("The disk failed", "Check the disk, then run the command again."),
}


@contextlib.contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """What the operating system refuses at `place` becomes an OutsideError that says what to do."""
    try:
        yield
    except OSError as error:
        raise _told(error, str(place), _INTO) from error


@contextlib.contextmanager
def project_disk_errors(project: Path) -> Iterator[None]:
    """The same for a command that works in the whole of a project: the error names the file."""
    try:
        yield
    except OSError as error:
        raise _told(error, str(error.filename or project), _CACHE) from error


def _told(error: OSError, where: str, elsewhere: str) -> OutsideError:
    what, todo = _REFUSALS.get(error.errno or 0, (error.strerror or str(error), "See whether the path can be used."))
    return OutsideError(what, where=where, todo=todo or elsewhere)


def write_whole(path: Path, content: bytes) -> None:
    """The file has its old content or the new one, at every moment."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with disk_errors(path), path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def remove_tree(folder: Path, *, attempts: int = 5) -> None:
    """Remove a folder of ours, read-only files included.

    A child of a killed run may still be writing in it for a moment, hence the attempts.
    """
    for attempt in range(attempts):
        if not folder.exists() and not folder.is_symlink():
            return
        shutil.rmtree(folder, onerror=_make_removable)
        if folder.exists():
            time.sleep(0.05 * 2**attempt)
    if folder.exists():
        raise OutsideError("A working folder cannot be removed", where=str(folder), todo=f"Remove it by hand: rm -rf {folder}")


def _make_removable(function: object, path: str, error: object) -> None:
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), 0o700)
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o700)
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Ferrata's own folder in the user's cache, made if missing, for this user alone.

    `$XDG_CACHE_HOME/ferrata`, else `~/.cache/ferrata`; where there is no home to write in, a folder of this user's in the temporary folder.
    """
    environ = os.environ if environ is None else environ
    base = Path(environ["XDG_CACHE_HOME"]) if environ.get("XDG_CACHE_HOME") else Path(environ.get("HOME") or "/") / ".cache"
    fallback = Path(tempfile.gettempdir()) / f"ferrata-{os.getuid()}"
    for folder in (base / "ferrata", fallback):
        with contextlib.suppress(OSError):
            return private_folder(folder)
    raise OutsideError("No folder for work in progress can be made", where=str(base), todo="Set XDG_CACHE_HOME to a folder you may write to.")


def private_folder(folder: Path) -> Path:
    """The folder, made if missing, that only its owner can look into; PermissionError when it is somebody else's."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.lstat().st_uid != os.getuid() or not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "not this user's folder", str(folder))
    folder.chmod(0o700)
    return folder


TRASH = ".trash-"


def discard(folder: Path) -> None:
    """Take a folder away by one rename, and delete it in the background: large environments take seconds."""
    trash = Path(tempfile.mkdtemp(prefix=TRASH, dir=folder.parent)) / folder.name
    with disk_errors(folder):
        try:
            folder.rename(trash)
        except FileNotFoundError:
            pass
    import subprocess

    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen(("rm", "-rf", "--", str(trash.parent)), stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError:
        remove_tree(trash.parent)


def append_line(path: Path, line: str) -> None:
    """At the end of the file, in one write."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
