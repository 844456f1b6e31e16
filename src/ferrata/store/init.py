"""What `dvc init` and `dvc add` leave beside the data: `.dvc/`, `.dvcignore` and entries of `.gitignore`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ferrata.records.project import Stage
from ferrata.store.drafts import write_text

_FILES = {
    ".dvc/config": "",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvcignore": (
        "# Add patterns of files dvc should ignore, which could improve\n"
        "# the performance. Learn more at\n"
        "# https://dvc.org/doc/user-guide/dvcignore\n"
    ),
}


def init(project: Path) -> tuple[Path, ...]:
    """Write the files that are not there yet; return their paths, to be committed."""
    written = []
    for name, text in _FILES.items():
        path = project / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return tuple(written)


def tracked_paths(stages: Iterable[Stage], data: Iterable[str] = ()) -> tuple[str, ...]:
    """Every path that lives in the cache and not in Git."""
    return (*data, *(path for stage in stages for path in stage.outs))


def ignore_entry(path: str) -> tuple[str, str]:
    """The `.gitignore` (relative to the project) and the line in it that keep `path` out of Git."""
    place = PurePosixPath(path)
    line = "/" + re.sub(r"([\[\]!*#?\\])", r"\\\1", place.name)
    return (place.parent / ".gitignore").as_posix(), line


def ignore(project: Path, paths: Iterable[str]) -> tuple[Path, ...]:
    """Add the missing lines; return the `.gitignore` files that changed."""
    changed: dict[Path, None] = {}
    for path in paths:
        name, line = ignore_entry(path)
        if _append_line(project / name, line):
            changed[project / name] = None
    return tuple(changed)


def _append_line(file: Path, line: str) -> bool:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if line in text.splitlines():
        return False
    write_text(file, text + ("\n" if text and not text.endswith("\n") else "") + line + "\n")
    return True
