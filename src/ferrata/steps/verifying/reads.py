"""Which committed files a stage read, and which of them it does not declare.

Seen in the file system's own access times, so that it holds for every language and library: before a stage starts each file is given an access time
before its modification time, which a read moves on even where access times are kept only now and then (relatime, mount(8)). Where none are, that is said.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ferrata.programs import git
from ferrata.records.project import Stage, is_within, results_of
from ferrata.records.verification import Obstacle
from ferrata.store.pipelines.sources import find_sources
from ferrata.world import process

_UNREAD = 1_000_000_000  # nanoseconds since 1970: before anything that Git checks out
_MOST = 20
# What tools read for their own purposes.
_OF_TOOLS = (
    "dvc.yaml", "dvc.lock", "pyproject.toml", "uv.lock", ".python-version", ".gitignore", ".gitattributes", ".dvcignore", "setup.cfg", "pytest.ini", "tox.ini",
    "conftest.py", "ruff.toml", "mypy.ini",
)  # fmt: skip


class Reads:
    """Told when a stage starts and when it has ended; no two at once."""

    def __init__(self, project: Path, stages: Sequence[Stage]) -> None:
        self._project = project
        results = results_of(stages)
        self._files = [path for path in _given(project, stages) if not _is_of_tools(path) and not _is_below(path, results)]
        self._seen: dict[str, list[Stage]] = {}
        self.can_see = _can_see(project)

    def starts(self, stage: Stage) -> None:
        self._look(None)

    def ended(self, stage: Stage) -> None:
        self._look(stage)

    def undeclared(self) -> list[Obstacle]:
        read = {path: [stage.name for stage in stages if not _declares(stage, path)] for path, stages in sorted(self._seen.items())}
        found = [(path, list(dict.fromkeys(names))) for path, names in read.items() if names]
        told = [_undeclared(path, names) for path, names in found[:_MOST]]
        if len(found) > _MOST:
            what = f"{len(found) - _MOST} more files are read and not declared"
            told.append(Obstacle("undeclared-read", what, "dvc.yaml", "Name the folders they are in among the dependencies.", False))
        return told

    def _look(self, stage: Stage | None) -> None:
        """What was read since the last look, by this stage; then everything counts as unread again."""
        if not self.can_see:
            return
        for path in self._files:
            file = self._project / path
            try:
                status = file.stat()
                if stage and status.st_atime_ns != _UNREAD and status.st_size:
                    self._seen.setdefault(path, []).append(stage)
                if status.st_atime_ns != _UNREAD:
                    os.utime(file, ns=(_UNREAD, status.st_mtime_ns))
            except OSError:  # the stage has removed it
                continue
        # With its bytecode beside it, a module would be read once only.
        for folder in {file.parent for path in self._files if path.endswith(".py") and (file := self._project / path)}:
            shutil.rmtree(folder / "__pycache__", ignore_errors=True)


def _given(project: Path, stages: Sequence[Stage]) -> Iterator[str]:
    """Every file that Git or a .dvc file brought."""
    yield from (path for path in process.run(git.listed(project)).output.split("\0") if path and (project / path).is_file())
    for source in find_sources(project, stages):
        place = project / source.place
        if place.is_dir():
            yield from (path.relative_to(project).as_posix() for path in place.rglob("*") if path.is_file())
        elif place.is_file():
            yield source.place


def _is_of_tools(path: str) -> bool:
    return Path(path).name in _OF_TOOLS or "__pycache__" in path or path.endswith(".dvc") or path.startswith((".dvc/", ".git/", ".ferrata/"))


def _is_below(path: str, places: Iterable[str]) -> bool:
    return any(place == "." or is_within(path, place) for place in places)


def _declares(stage: Stage, path: str) -> bool:
    return _is_below(path, [stage.place(name) for name in (*stage.deps, *(file.path for file in stage.sources))])


def _undeclared(path: str, names: Sequence[str]) -> Obstacle:
    who, verb, whose = (names[0], "reads", "its") if len(names) == 1 else (", ".join(names), "read", "their")
    what = f"{who} {verb} {path}, which dvc.yaml does not name among {whose} dependencies"
    todo = f"Add {path} to {whose} `deps`: otherwise nothing runs again when the file changes."
    return Obstacle("undeclared-read", what, path, todo, False)


def _can_see(project: Path) -> bool:
    """Asked of the file system itself, with a file of our own."""
    probe = project / ".git" / "ferrata-read-probe"
    try:
        probe.write_bytes(b"1")
        os.utime(probe, ns=(_UNREAD, probe.stat().st_mtime_ns))
        probe.read_bytes()
        return probe.stat().st_atime_ns != _UNREAD
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
