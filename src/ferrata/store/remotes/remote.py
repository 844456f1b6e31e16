"""A place where the objects of a project are shared, in the layout of DVC: `files/md5/ab/cdef…`. Here: a folder; `remote_fs` has the others.

An object gets its name only when it is whole, and what comes in is hashed on its way.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ferrata.errors import OutsideError, ProjectError
from ferrata.store.cache import Cache, discard
from ferrata.store.config import CacheConfig, RemoteConfig
from ferrata.store.drafts import Drafts
from ferrata.store.links import PROTECTED, copy_hashed, read_small, seal, write_new
from ferrata.store.parallel import Crew

WHOLE = 1 << 20
_TOGETHER = 1000
_TOGETHER_SIZE = 1 << 27
_HARMLESS = frozenset({"jobs", "checksum_jobs", "verify", "no_traverse", "type", "protected", "shared", "slow_link_warning"})


@dataclass(frozen=True)
class Moved:
    """What became of one object: `size` in bytes, -1 when it did not move, and why: "missing" or "damaged" (at its source)."""

    md5: str
    size: int
    problem: str = ""


class Remote(Protocol):
    @property
    def url(self) -> str: ...

    def sizes(self, md5s: Iterable[str]) -> dict[str, int]:
        """The objects that are there; -1 where a size is not told."""

    def send(self, cache: Cache, md5s: Iterable[str]) -> Iterator[Moved]:
        """From the cache; over what is there."""

    def receive(self, cache: Cache, md5s: Iterable[str]) -> Iterator[Moved]:
        """Into the cache."""

    def is_whole(self, md5: str) -> bool:
        """Whether an object that is there is what its name says; it is read."""


class FolderRemote:
    def __init__(self, folder: Path, options: dict[str, str] | None = None) -> None:
        links = ("copy",)
        self._store = Cache(folder, CacheConfig(folder, links, "shared" in (options or {})))
        self.url = str(folder)

    def sizes(self, md5s: Iterable[str]) -> dict[str, int]:
        return self._store.sizes(md5s)

    def send(self, cache: Cache, md5s: Iterable[str]) -> Iterator[Moved]:
        return _moved(cache, self._store, md5s)

    def receive(self, cache: Cache, md5s: Iterable[str]) -> Iterator[Moved]:
        self.check()
        return _moved(self._store, cache, md5s)

    def is_whole(self, md5: str) -> bool:
        hasher = hashlib.md5(usedforsecurity=False)
        with open(self._store.path(md5), "rb", buffering=0) as file:
            while chunk := file.read(WHOLE):
                hasher.update(chunk)
        return hasher.hexdigest() == md5.removesuffix(".dir")

    def check(self) -> None:
        """OutsideError when there is no folder: a disk that is not mounted is no empty remote."""
        if not os.path.isdir(self.url):
            raise OutsideError("The remote's folder is not there", where=self.url, todo="Mount the disk, or make the folder if this is the first push.")


def open_remote(config: RemoteConfig) -> Remote:
    """ProjectError for a setting that is not known, OutsideError when the library of its kind is not installed."""
    if re.match(r"\w+://", config.url) and not config.url.startswith("file://"):
        from ferrata.store.remotes.file_systems import open_file_system

        return open_file_system(config)
    refuse_unknown(config, _HARMLESS)
    return FolderRemote(Path(config.url.removeprefix("file://")), dict(config.options))


def refuse_unknown(config: RemoteConfig, known: Iterable[str]) -> None:
    off = {name for name in ("worktree", "version_aware") if config.options.get(name, "").lower() == "false"}
    if unknown := sorted(set(config.options) - set(known) - off):
        what = f"Ferrata does not know the setting {', '.join(unknown)} of the remote {config.name}"
        raise ProjectError(what, where=".dvc/config", todo="Remove it, or use DVC with this remote.")


def _moved(source: Cache, target: Cache, md5s: Iterable[str]) -> Iterator[Moved]:
    with target.drafts() as drafts:
        drafting: Crew[str, tuple[Moved, str]] = Crew(lambda md5: _draft(source, drafts, md5), threads=target.threads)
        with drafting:
            yield from committed(target, drafts, drafting.each(md5s))


def committed(target: Cache, drafts: Drafts, made: Iterable[tuple[Moved, str]]) -> Iterator[Moved]:
    """Each when it has its name; drafts are "" for what did not move."""
    ready: list[tuple[Moved, str]] = []
    size = 0
    for moved, draft in made:
        ready.append((moved, draft))
        size += max(moved.size, 0)
        if len(ready) >= _TOGETHER or size >= _TOGETHER_SIZE:
            yield from _commit(target, drafts, ready)
            ready, size = [], 0
    yield from _commit(target, drafts, ready)


def _commit(target: Cache, drafts: Drafts, ready: list[tuple[Moved, str]]) -> Iterator[Moved]:
    target.commit(drafts, [(draft, moved.md5) for moved, draft in ready])
    return iter([moved for moved, _ in ready])


def _draft(source: Cache, drafts: Drafts, md5: str) -> tuple[Moved, str]:
    draft, path = drafts.new(), source.path(md5)
    try:
        size = os.stat(path).st_size
        if size > WHOLE:
            found = copy_hashed(path, draft, PROTECTED)
            seal(draft, md5)
        else:
            content = read_small(path, size)
            found = hashlib.md5(content, usedforsecurity=False).hexdigest()
            write_new(draft, content, PROTECTED, md5=md5)
    except FileNotFoundError:
        if not os.path.isdir(drafts.folder):
            raise
        return Moved(md5, -1, "missing"), ""
    if found != md5.removesuffix(".dir"):
        discard(draft)
        return Moved(md5, -1, "damaged"), ""
    return Moved(md5, size), draft
