"""Find the data that the notebook reads, and rewrite the paths that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ferrata.errors import OutsideError
from ferrata.records.located import Download, Located
from ferrata.records.notebook import Notebook
from ferrata.steps.locate import staging
from ferrata.steps.locate.mend import continued, mend
from ferrata.steps.locate.network import imported_libraries, network_loads
from ferrata.steps.locate.resolve import Resolver
from ferrata.steps.locate.search import Surroundings
from ferrata.world.download import copy_file
from ferrata.world.download import download as fetch


def locate(notebook: Notebook, *, extra: Sequence[Path] = (), root: Path | None = None) -> Located:
    """Every path in the code: right as it is, found elsewhere (an edit), open (a question with a default), or missing.

    `extra` are files and folders the user named; `root` the highest folder to look in (default: the Git root, or two levels up).
    Nothing is fetched and nothing is written.
    """
    resolver = Resolver(notebook, _surroundings(notebook, extra, root))
    resolver.run()
    libraries: dict[str, str] = {}
    for statement in notebook.statements:
        libraries |= imported_libraries(statement.source)
        resolver.network += network_loads(statement, libraries)
    return resolver.located()


def locate_missing(
    filename: str, statement: int, notebook: Notebook, located: Located, *, extra: Sequence[Path] = (), root: Path | None = None
) -> Located:
    """What to go on with after statement `statement` did not find `filename`: `located` with the edit or input that mends it.

    `missing` of the result holds only this file when it was found nowhere, and is empty otherwise.
    """
    resolver = Resolver(notebook, _surroundings(notebook, extra, root))
    resolver.rewriter.take_over(located.edits)
    mend(resolver, filename, statement)
    return continued(located, resolver)


def download(item: Download, folder: Path, *, timeout: float = 60.0, on_progress: Callable[[int, int | None], None] | None = None) -> str:
    """Put the local copy of `item` under `folder` (the run's working folder) and give its SHA-256.

    A file of that name near the notebook stands in when the network does not answer. Raises OutsideError.
    """
    target = folder / item.path
    try:
        return fetch(item.address, target, timeout=timeout, on_progress=on_progress)
    except OutsideError:
        if item.fallback is None:
            raise
        return copy_file(item.fallback, target)


def stage_inputs(notebook: Notebook, located: Located, workspace: Path) -> Path:
    """Copy the notebook's folder and all inputs into `workspace`, where the edited paths resolve; gives the folder to run in."""
    return staging.stage(notebook, located, workspace)


def _surroundings(notebook: Notebook, extra: Sequence[Path], root: Path | None) -> Surroundings:
    return Surroundings(notebook.path.resolve().parent, tuple(extra), root)
