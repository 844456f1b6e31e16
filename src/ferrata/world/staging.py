"""Where a project is put together before it appears: a hidden folder beside its target, renamed into place as the very last act.

A rename within one file system is atomic, so whoever looks sees nothing or the finished project, whenever the command is killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.world.disk import cache_folder, disk_errors, private_folder, remove_tree, sha256
from ferrata.world.lock import Held, is_locked, locked
from ferrata.world.workspace import digest

STAGED = ".ferrata-"  # in the name of every staging folder


@contextlib.contextmanager
def staging_for(target: Path, *, notebook_sha256: str = "") -> Iterator[Path]:
    """An empty staging folder for `target`, this process's alone; what is still in it at the end is removed.

    Raises ProjectError when the target is taken or another command is making it, OutsideError when it cannot be written.
    """
    target = check_target(target, notebook_sha256=notebook_sha256)
    with contextlib.ExitStack() as stack:
        _claim(stack, target)
        beside = _nearest_folder(target.parent)
        _remove_stale(target, beside)
        with disk_errors(beside):
            staging = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=beside))
        stack.callback(remove_tree, staging)
        yield staging


def check_target(target: Path, *, notebook_sha256: str = "") -> Path:
    """The target as an absolute path with no links in it, when a project can appear there; ProjectError else."""
    target = Path(os.path.realpath(target))
    with disk_errors(target):
        is_free = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if not is_free:
        raise _taken(target, notebook_sha256)
    return target


def publish(staging: Path, target: Path) -> None:
    """The project appears: one atomic rename. ProjectError when something took its place meanwhile."""
    target = Path(os.path.realpath(target))
    with disk_errors(target):
        # mkdtemp made it private; a project has the permissions that any new folder of this user has.
        staging.chmod(0o777 & ~_umask())
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(staging, target)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise _taken(target, "") from error
            raise


def _prefix(target: Path) -> str:
    return f".{target.name}.ferrata-"


def _nearest_folder(folder: Path) -> Path:
    """The folder itself or its closest ancestor that is there: what is missing is made when the project appears, not before."""
    return folder if folder.is_dir() else _nearest_folder(folder.parent)


def _remove_stale(target: Path, beside: Path) -> None:
    """Staging folders of runs that died: with the lock held, nobody else can be working in them."""
    for folder in beside.iterdir():
        if folder.name.startswith(_prefix(target)) and folder.is_dir() and not folder.is_symlink():
            remove_tree(folder)


def abandoned(folder: Path, *, now: float | None = None) -> Iterator[tuple[Path, float]]:
    """Staging folders in `folder` whose command is dead, and their age in seconds."""
    now = time.time() if now is None else now
    for path in sorted(folder.glob(f".*{STAGED}*")):
        target = folder / path.name[1:].rpartition(STAGED)[0]
        if path.is_dir() and not is_locked(_lock(target)):
            yield path, now - path.stat().st_mtime


def _lock(target: Path) -> Path:
    with disk_errors(target):
        return private_folder(cache_folder() / "targets") / f"{digest(str(target))[:32]}.lock"


def _claim(stack: contextlib.ExitStack, target: Path) -> None:
    """Be the only one that makes this project, for as long as the stack is open."""
    try:
        stack.enter_context(locked(_lock(target)))
    except Held as held:
        raise ProjectError(
            "Another ferrata is making this project right now", where=f"{target} ({held.who})", todo="Wait for it, or choose another folder with --into DIR."
        ) from None


def _taken(target: Path, notebook_sha256: str) -> ProjectError:
    if not target.is_dir():
        return ProjectError("There is a file where the project would go", where=str(target), todo="Choose another folder with --into DIR.")
    if notebook_sha256 and is_project_of(target, notebook_sha256):
        return ProjectError(
            "This notebook has been adopted already: its project is here", where=str(target),
            todo=f"`cd {target} && ferrata` shows how it stands. `--again` puts what adopting gives now on a branch of it; --into DIR makes another project.",
        )
    return ProjectError("The project's folder is not empty", where=str(target), todo="Choose another folder with --into DIR, or empty this one.")


def is_project_of(folder: Path, notebook_sha256: str) -> bool:
    """Whether `folder` is a project made from the notebook with these bytes."""
    notebooks = folder / "notebooks"
    if not (folder / ".git").exists() or not notebooks.is_dir():
        return False
    return any(sha256(notebook) == notebook_sha256 for notebook in notebooks.glob("*.ipynb"))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
