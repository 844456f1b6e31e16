"""A folder for one command, outside of every project: removed at its end, and by the next command when it was killed."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ferrata.world.commands import kill_marked
from ferrata.world.disk import cache_folder, disk_errors, remove_tree
from ferrata.world.lock import is_locked, locked

_LOCK = ".in-use"
_YOUNG = 60.0  # seconds; an empty folder this young may be about to get its lock


@contextlib.contextmanager
def scratch(prefix: str, *, away_from: Path | None, is_kept: bool = False) -> Iterator[Path]:
    """An empty private folder. One that is kept has no lock, and is never taken for one that was left behind."""
    base = _base(away_from)
    _remove_abandoned(base, prefix)
    with disk_errors(base):
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base)).resolve()
    try:
        with locked(folder / _LOCK):
            yield folder
    except BaseException:
        _remove(folder)
        raise
    if is_kept:
        (folder / _LOCK).unlink()
    else:
        _remove(folder)


def _remove(folder: Path) -> None:
    """The lock file goes last: without one, a folder is one that is kept."""
    for path in folder.iterdir():
        if path.name != _LOCK:
            remove_tree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    remove_tree(folder)


def _base(away_from: Path | None) -> Path:
    base = Path(tempfile.gettempdir()).resolve()
    return cache_folder() if away_from is not None and base.is_relative_to(away_from.resolve()) else base


def _remove_abandoned(base: Path, prefix: str) -> None:
    """What a killed command of this user left: its processes first. Somebody else's folders cannot be looked into, and are passed over."""
    for folder in base.glob(f"{prefix}*"):
        with contextlib.suppress(Exception):
            if folder.is_symlink() or not folder.is_dir():
                continue
            if (folder / _LOCK).exists() and not is_locked(folder / _LOCK):
                kill_marked(str(folder))
                _remove(folder)
            elif not any(folder.iterdir()) and time.time() - folder.stat().st_mtime > _YOUNG:
                folder.rmdir()
