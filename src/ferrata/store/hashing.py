"""MD5 digests of files and folders, as DVC 3 names content.

A folder's object is a JSON list of `{"md5", "relpath"}` sorted by path; its digest is that list's, with ".dir" behind.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from ferrata.errors import ProjectError

_CHUNK = 1 << 20
_NEVER_TRACKED = frozenset({".dvc", ".git", ".hg"})


@dataclass(frozen=True)
class Entry:
    """A file of a folder object."""

    md5: str
    relpath: str
    size: int


@dataclass(frozen=True)
class Digest:
    """What a path holds. `size` in bytes; `files` is None for a file, and every file below, sorted by path, for a folder."""

    md5: str
    size: int
    files: tuple[Entry, ...] | None = None
    is_executable: bool = False

    @property
    def is_folder(self) -> bool:
        return self.files is not None

    def listing(self) -> bytes:
        """The bytes of the `.dir` object."""
        return json.dumps(
            [{"md5": entry.md5, "relpath": entry.relpath} for entry in self.files or ()], sort_keys=True
        ).encode()

    def fields(self) -> dict[str, str | int | bool]:
        """`md5`, `size`, `nfiles`, `isexec` in the order and with the omissions of DVC."""
        fields: dict[str, str | int | bool] = {"md5": self.md5, "size": self.size}
        if self.files is not None:
            fields["nfiles"] = len(self.files)
        if self.is_executable:
            fields["isexec"] = True
        return fields


def digest(path: Path) -> Digest:
    """The digest of a file or folder; ProjectError when there is neither."""
    if path.is_dir():
        return _digest_folder(path)
    if not path.is_file():
        raise ProjectError(
            f"{path.name} does not exist", where=str(path), todo="Restore the file, or run the stage that makes it."
        )
    return Digest(file_md5(path), path.stat().st_size, is_executable=os.access(path, os.X_OK) and _has_owner_bit(path))


def file_md5(path: Path) -> str:
    hasher = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def _has_owner_bit(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o100)


def _digest_folder(folder: Path) -> Digest:
    entries = sorted((_entry(folder, path) for path in _files(folder)), key=lambda entry: entry.relpath)
    listing = Digest("", 0, tuple(entries)).listing()
    md5 = hashlib.md5(listing, usedforsecurity=False).hexdigest() + ".dir"
    return Digest(md5, sum(entry.size for entry in entries), tuple(entries))


def _entry(folder: Path, path: Path) -> Entry:
    return Entry(file_md5(path), path.relative_to(folder).as_posix(), path.stat().st_size)


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in _NEVER_TRACKED)
        found.extend(Path(parent, name) for name in names)
    return found
