"""Copy what a run may touch into a scratch folder, so that nothing it writes reaches the author's files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ferrata.errors import OutsideError
from ferrata.records.located import Located
from ferrata.records.notebook import Notebook
from ferrata.steps.locate.search import SKIPPED

_LARGE = 200 * 2**20
_TOTAL = 2**29
_CODE = (".py", ".toml", ".cfg", ".ini", ".yaml", ".yml", ".json", ".txt")


def stage(notebook: Notebook, located: Located, workspace: Path) -> Path:
    """The folder in `workspace` to run in. Raises OutsideError when the disk is full or unreadable."""
    folder = located.folder
    # `../data` must resolve in the workspace too, so the notebook's folder lies as deep in it as the code climbs.
    climbs = max(map(_climbs, [*(one.path for one in located.inputs), *located.folders]), default=0)
    cwd = workspace.joinpath(*folder.parts[len(folder.parts) - climbs :]) if climbs else workspace
    try:
        cwd.mkdir(parents=True, exist_ok=True)
        _copy_folder(folder, cwd, notebook.path, workspace)
        for one in located.inputs:
            _copy_input(one.source, Path(os.path.normpath(cwd / one.path)))
        for name in located.folders:
            (cwd / name).mkdir(parents=True, exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise OutsideError(f"The data cannot be copied: {error}", where=str(workspace), todo="Make room on the disk, or check the permissions.") from error
    return cwd


def _climbs(path: str) -> int:
    return sum(1 for part in PurePosixPath(path).parts if part == "..")


def _copy_input(source: Path, target: Path) -> None:
    if target.exists() and not target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(
            source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*SKIPPED), copy_function=_copy_new, ignore_dangling_symlinks=True
        )
    else:
        shutil.copyfile(source, target)


def _copy_new(source: str, target: str) -> None:
    if not os.path.exists(target):
        shutil.copyfile(source, target)


def _copy_folder(folder: Path, cwd: Path, notebook: Path, workspace: Path) -> None:
    """Regular files of the folder. Large ones wait until the code asks for them; past a total, only code and small texts go on."""
    total = 0
    for path, size in _files(folder, workspace):
        if path.suffix == ".ipynb" and path != notebook or size > _LARGE:
            continue
        if total + size > _TOTAL and path.suffix not in _CODE:
            continue
        total += size
        target = cwd / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copyfile(path, target)


def _files(folder: Path, workspace: Path) -> Iterator[tuple[Path, int]]:
    avoided = workspace.resolve()
    for current, folders, names in os.walk(folder):
        here = Path(current)
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not _is_to_skip(here / name, avoided))
        for name in sorted(names):
            path = here / name
            try:
                if path.is_file():
                    yield path, path.stat().st_size
            except OSError:
                continue


def _is_to_skip(folder: Path, workspace: Path) -> bool:
    return (folder / "pyvenv.cfg").exists() or folder.resolve() == workspace
