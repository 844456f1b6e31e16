"""Remotes behind an fsspec file system: S3, Google Cloud Storage, Azure, SSH. The library of a kind is imported when a remote of it is used."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ferrata.errors import OutsideError
from ferrata.store.cache import Cache, discard
from ferrata.store.config import RemoteConfig
from ferrata.store.drafts import Drafts
from ferrata.store.hashing import file_md5
from ferrata.store.links import seal
from ferrata.store.parallel import each
from ferrata.store.remotes.failures import explained, is_no_place, is_passing
from ferrata.store.remotes.options import file_system_options
from ferrata.store.remotes.remote import Moved, committed

Made = TypeVar("Made")

# scheme: (the module of its file system, the class, the extra that installs it, whether a file appears only when it is complete)
_KINDS: Mapping[str, tuple[str, str, str, bool]] = {
    "s3": ("s3fs", "S3FileSystem", "s3", True),
    "gs": ("gcsfs", "GCSFileSystem", "gs", True),
    "azure": ("adlfs", "AzureBlobFileSystem", "azure", True),
    "ssh": ("sshfs", "SSHFileSystem", "ssh", False),
}
_ATTEMPTS = 3  # beyond those of the library itself
_FIRST_PAUSE = 0.5  # seconds, doubled after each attempt
_IN_MEMORY = 1 << 23
_JOBS = 16
_PAGE = 1000  # names in one answer of an object store, about


@dataclass
class FileSystemRemote:
    """`folder` is the path of `files/md5` in the file system."""

    url: str
    system: Any
    folder: str
    jobs: int = _JOBS
    is_atomic: bool = True
    pause: Callable[[float], None] = time.sleep

    def sizes(self, md5s: Iterable[str]) -> dict[str, int]:
        """One question for each object, or one for each page of the listing: whichever is fewer, judged by one of 256 parts of the remote."""
        wanted = sorted(set(md5s))
        if len(wanted) > 2 * self.jobs:
            part = self._listed("00")
            pages = 256 * max(1, len(part) // _PAGE)
            if len(wanted) > pages:
                return self._listed_all({md5[:2] for md5 in wanted}, set(wanted))
        answers = each(lambda md5: (md5, self._size(md5)), wanted, threads=self.jobs, batch=1)
        return {md5: size for md5, size in answers if size is not None}

    def send(self, cache: Cache, md5s: Iterable[str]) -> Iterator[Moved]:
        yield from each(lambda md5: self._send(cache, md5), md5s, threads=self.jobs, batch=1)

    def receive(self, cache: Cache, md5s: Iterable[str]) -> Iterator[Moved]:
        with cache.drafts() as drafts:
            made = each(lambda md5: self._receive(drafts, md5), md5s, threads=self.jobs, batch=1)
            while some := list(itertools.islice(made, 4 * self.jobs)):
                yield from committed(cache, drafts, some)

    def is_whole(self, md5: str) -> bool:
        hasher = hashlib.md5(usedforsecurity=False)
        with self._try(lambda: self.system.open(self._path(md5), "rb")) as file:
            while chunk := self._try(lambda: file.read(_IN_MEMORY)):
                hasher.update(chunk)
        return hasher.hexdigest() == md5.removesuffix(".dir")

    def _path(self, md5: str) -> str:
        return f"{self.folder}/{md5[:2]}/{md5[2:]}"

    def _size(self, md5: str) -> int | None:
        try:
            size = self._try(lambda: self.system.info(self._path(md5))).get("size")
        except FileNotFoundError:
            return None
        return -1 if size is None else int(size)

    def _listed(self, prefix: str) -> dict[str, int]:
        try:
            rows = self._try(lambda: self.system.ls(f"{self.folder}/{prefix}", detail=True, refresh=True))
        except FileNotFoundError:
            return {}
        names = ((str(row["name"]).rstrip("/").rpartition("/")[2], row.get("size")) for row in rows if row.get("type") != "directory")
        return {prefix + name: -1 if size is None else int(size) for name, size in names}

    def _listed_all(self, prefixes: set[str], wanted: set[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in each(self._listed, sorted(prefixes), threads=self.jobs, batch=1):
            found.update((md5, size) for md5, size in some.items() if md5 in wanted)
        return found

    def _send(self, cache: Cache, md5: str) -> Moved:
        source = Path(cache.path(md5))
        try:
            size = source.stat().st_size
            if size <= _IN_MEMORY:
                content = source.read_bytes()
                if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5.removesuffix(".dir"):
                    return Moved(md5, -1, "damaged")
                self._place(md5, lambda path: self.system.pipe_file(path, content))
            else:
                if not cache.is_whole(md5, is_read=True):
                    return Moved(md5, -1, "damaged")
                self._place(md5, lambda path: self.system.put_file(str(source), path))
        except FileNotFoundError:
            if source.exists():
                raise
            return Moved(md5, -1, "missing")
        return Moved(md5, size)

    def _place(self, md5: str, write: Callable[[str], Any]) -> None:
        """Write at the object's path; where half a file could be seen, under another name first."""
        path = self._path(md5)
        if self.is_atomic:
            self._try(lambda: write(path))
            return
        draft = f"{path}.{time.time_ns():x}.tmp"
        self._try(lambda: self.system.makedirs(path.rpartition("/")[0], exist_ok=True))
        self._try(lambda: write(draft))
        self._try(lambda: self.system.mv(draft, path))

    def _receive(self, drafts: Drafts, md5: str) -> tuple[Moved, str]:
        draft = drafts.new()
        try:
            self._try(lambda: self.system.get_file(self._path(md5), draft))
        except FileNotFoundError:
            if not drafts.folder.is_dir():
                raise
            return Moved(md5, -1, "missing"), ""
        if file_md5(Path(draft)) != md5.removesuffix(".dir"):
            discard(draft)
            return Moved(md5, -1, "damaged"), ""
        seal(draft, md5)
        return Moved(md5, Path(draft).stat().st_size), draft

    def _try(self, work: Callable[[], Made]) -> Made:
        """A lost connection is tried again a few times, ever later; what will not pass is an OutsideError at once."""
        for attempt in range(_ATTEMPTS):
            try:
                return work()
            except FileNotFoundError as error:
                if is_no_place(error):
                    raise explained(error, self.url) from error
                raise
            except Exception as error:
                if not is_passing(error) or attempt == _ATTEMPTS - 1:
                    raise explained(error, self.url) from error
                self.pause(_FIRST_PAUSE * 2**attempt)
        raise AssertionError("unreachable")


def library_of(config: RemoteConfig) -> tuple[str, str]:
    """The package that a remote needs and the extra that installs it; ("", "") for a folder. ProjectError for a kind that is not known."""
    if "://" not in config.url or config.url.startswith("file://"):
        return "", ""
    module, _, extra, _ = _KINDS[file_system_options(config)[0]]
    return module, extra


def open_file_system(config: RemoteConfig) -> FileSystemRemote:
    scheme, options = file_system_options(config)
    module, name, extra, is_atomic = _KINDS[scheme]
    try:
        kind = getattr(importlib.import_module(module), name)
    except ImportError as error:
        what = f"Remotes of the kind {scheme}:// need the package {module}, which is not installed"
        raise OutsideError(what, where=f"the remote {config.name}", todo=f"Run: pip install 'ferrata[{extra}]'") from error
    try:
        system = kind(**options, skip_instance_cache=True, use_listings_cache=False)
    except Exception as error:
        raise explained(error, config.url) from error
    return FileSystemRemote(config.url, system, _folder(config.url, scheme), int(config.options.get("jobs") or _JOBS), is_atomic)


def _folder(url: str, scheme: str) -> str:
    parts = urlsplit(url)
    place = parts.path.rstrip("/") if scheme == "ssh" else f"{parts.netloc}{parts.path}".rstrip("/")
    return f"{place}/files/md5"
