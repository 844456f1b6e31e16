"""The folder that an image is built from: copies whose modes and times depend on nothing but the content."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ferrata.world.disk import disk_errors


def assemble(project: Path, paths: Iterable[str], target: Path, *, is_left_out: Callable[[str], bool]) -> None:
    """Copy files and folders of the project, links as what they point to. Everybody may read them; all times are the first of 1970."""
    with disk_errors(target):
        for path in paths:
            for file in _files(project / path):
                relative = file.relative_to(project).as_posix()
                if not is_left_out(relative):
                    _copy(file, target / relative)
        for folder, _, _ in os.walk(target, topdown=False):
            os.chmod(folder, 0o755)
            os.utime(folder, (0, 0))


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        for each in sorted(place.iterdir()):
            yield from _files(each)
    elif place.is_file():
        yield place


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    os.chmod(target, 0o755 if os.access(file, os.X_OK) and file.suffix != ".py" else 0o644)
    os.utime(target, (0, 0))
