"""MD5 digests of files and folders, as DVC 3 names content.

A folder's object is a JSON list of `{"md5", "relpath"}` sorted by path; its digest is that list's, with ".dir" behind. As in DVC, a link to a file counts
as the file, a link to a folder as nothing, and a folder without files is not seen.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from ferrata.errors import ProjectError
from ferrata.store.ignoring import FILE, Ignore, ignore_for
from ferrata.store.index import MARK_SIZE, Index, find_root, index_for, is_settled, mark, now, size_of
from ferrata.store.parallel import each

_CHUNK = 1 << 20
_SMALL = 1 << 14  # bytes; a single file of this size is read as fast as it is looked up


@dataclass(frozen=True, slots=True)
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
        return listing_bytes((entry.md5, entry.relpath) for entry in self.files or ())

    def fields(self) -> dict[str, str | int | bool]:
        """`md5`, `size`, `nfiles`, `isexec` in the order and with the omissions of DVC."""
        fields: dict[str, str | int | bool] = {"md5": self.md5, "size": self.size}
        if self.files is not None:
            fields["nfiles"] = len(self.files)
        if self.is_executable:
            fields["isexec"] = True
        return fields


@dataclass(slots=True)
class Found:
    """The files directly in one folder of a tree: name to mark. `linked` are those that are links, or have other names."""

    folder: str  # from the top, "" or ending in "/"
    marks: dict[str, bytes] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)


def listing_bytes(rows: Iterator[tuple[str, str]]) -> bytes:
    text = json.JSONEncoder().encode
    return b"[" + ", ".join(f'{{"md5": "{md5}", "relpath": {text(relpath)}}}' for md5, relpath in rows).encode() + b"]"


def digest(path: Path) -> Digest:
    """The digest of a file or folder; ProjectError when there is neither."""
    status = status_of(path)
    return folder_digest(path) if S_ISDIR(status.st_mode) else file_digest(path, status)


def status_of(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        todo = "Restore the file, or run the stage that makes it."
        raise ProjectError(f"{path.name} does not exist", where=str(path), todo=todo) from None
    if not S_ISDIR(status.st_mode) and not S_ISREG(status.st_mode):
        raise ProjectError(f"{path.name} is neither a file nor a folder", where=str(path), todo="Put a file in its place.")
    return status


def file_digest(path: Path, status: os.stat_result, md5_of: Callable[[Path], str] | None = None) -> Digest:
    """`md5_of` reads the file where the index does not know it (`file_md5`)."""
    is_executable = bool(status.st_mode & 0o100) and os.access(path, os.X_OK)
    index = index_for(find_root(path.parent)) if status.st_size > _SMALL else None
    place, name, marked, looked = os.fsencode(os.path.abspath(path.parent)), os.fsencode(path.name), mark(status), now()
    md5 = index.known_file(place, name, marked) if index else ""
    if not md5:
        md5 = (md5_of or file_md5)(path)
        if index and is_settled(marked, looked):
            index.save(place, [(name, marked, md5)])
    return Digest(md5, status.st_size, is_executable=is_executable)


def file_md5(path: Path) -> str:
    hasher = hashlib.md5(usedforsecurity=False)
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def folder_digest(
    folder: Path, md5s_of: Callable[[Path, list[str]], Iterator[str]] | None = None, linked: list[str] | None = None
) -> Digest:
    """`md5s_of` reads the files of one folder that the index does not know, by name and in their order (`file_md5`).

    The paths of files that are links, or have other names, are added to `linked`.
    """
    entries: list[Entry] = []
    index = index_for(find_root(folder))
    for found in walk(folder):
        if linked is not None:
            linked += (found.folder + name for name in found.linked)
        entries += _entries(folder, found, index, md5s_of or _md5s)
    entries.sort(key=lambda entry: entry.relpath)
    listing = listing_bytes((entry.md5, entry.relpath) for entry in entries)
    md5 = hashlib.md5(listing, usedforsecurity=False).hexdigest() + ".dir"
    return Digest(md5, sum(entry.size for entry in entries), tuple(entries))


def _md5s(folder: Path, names: list[str]) -> Iterator[str]:
    return each(lambda name: file_md5(folder / name), names)


def _entries(top: Path, found: Found, index: Index | None, md5s_of: Callable[[Path, list[str]], Iterator[str]]) -> Iterator[Entry]:
    place = top / found.folder
    key, looked = os.fsencode(os.path.abspath(place)), now()
    known = index.known(key) if index else {}
    unknown = []
    for name, marked in found.marks.items():
        value = known.pop(os.fsencode(name), b"")
        if value[:MARK_SIZE] == marked:
            yield Entry(value[MARK_SIZE:].hex(), found.folder + name, size_of(marked))
        else:
            unknown.append(name)
    if not unknown and not known:
        return
    new = []
    for name, md5 in zip(unknown, md5s_of(place, unknown), strict=True):
        marked = found.marks[name]
        yield Entry(md5, found.folder + name, size_of(marked))
        if is_settled(marked, looked):
            new.append((os.fsencode(name), marked, md5))
    if index and (new or known):
        index.save(key, new, gone=known)


def walk(folder: Path, ignore: Ignore | None = None) -> Iterator[Found]:
    """Every folder below that has files, as DVC sees them; ProjectError for what cannot be tracked."""
    root = find_root(folder.parent)
    ignore = ignore_for(root, Path(os.path.abspath(folder))) if ignore is None else ignore
    waiting = [""]
    while waiting and not ignore.is_all:
        found, folders = _look(folder, waiting.pop(), ignore)
        waiting += reversed(folders)
        if found.marks:
            yield found


def _look(top: Path, relative: str, ignore: Ignore) -> tuple[Found, list[str]]:
    found, folders = Found(relative), []
    with os.scandir(os.path.join(top, relative)) as entries:
        for entry in entries:
            name = entry.name
            if relative and name == ".dvc" and entry.is_dir():
                return Found(relative), []  # a project in the project
            is_folder = entry.is_dir()
            if ignore.leaves_out(relative + name, is_folder=is_folder):
                continue
            if is_folder:
                folders += [] if entry.is_symlink() else [f"{relative}{name}/"]
            else:
                _add(found, entry)
    return found, folders


def _add(found: Found, entry: os.DirEntry[str]) -> None:
    if entry.name == FILE:
        todo = f"Move its lines to the {FILE} of a folder above."
        raise ProjectError(f"{FILE} lies in a folder that is tracked", where=entry.path, todo=todo)
    try:
        status = entry.stat()
    except FileNotFoundError:
        raise ProjectError("A link leads nowhere", where=entry.path, todo="Remove the link, or restore what it points to.") from None
    if not S_ISREG(status.st_mode):
        raise ProjectError("This is neither a file nor a folder", where=entry.path, todo="Remove it from the folder.")
    found.marks[entry.name] = mark(status)
    if status.st_nlink > 1 or entry.is_symlink():
        found.linked.append(entry.name)
