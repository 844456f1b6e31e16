"""The project that a command about data is in, and one command at a time in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.store.index import find_root
from ferrata.world.disk import project_disk_errors
from ferrata.world.lock import Held, locked


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
    with project_disk_errors(root), contextlib.ExitStack() as stack:
        (root / ".dvc" / "tmp").mkdir(parents=True, exist_ok=True)
        try:
            stack.enter_context(locked(root / ".dvc" / "tmp" / "ferrata.lock"))
        except Held as held:
            what = "Another ferrata is changing the data of this project right now"
            raise ProjectError(what, where=held.who, todo="Wait for it to end.") from None
        yield
