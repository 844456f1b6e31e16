"""`.dvc/cache/files/md5/ab/cdef…`: objects by digest, read-only, as DVC 3 keeps them."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING

from ferrata.errors import ProjectError
from ferrata.store.config import CacheConfig, read_config
from ferrata.store.drafts import Drafts, drafts_in, make_safe
from ferrata.store.hashing import Digest, file_digest, file_md5, folder_digest, status_of
from ferrata.store.index import find_root
from ferrata.store.links import PROTECTED, copy_hashed, is_sealed, read_small, seal, share_blocks, write_new
from ferrata.store.parallel import THREADS, Crew

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_WHOLE = 1 << 20  # bytes; a smaller file is read in one piece
_TOGETHER = 2000  # files, and
_TOGETHER_SIZE = 1 << 28  # bytes that are made safe on the disk in one go

_Drafting = Crew[str, tuple[str, str, int]]  # from a file to a draft, its digest and its size
Progress = Callable[[int, int], None]  # files and bytes that have just been done


@dataclass(frozen=True)
class Cache:
    """The objects of a project, and how they are kept. `root` is the folder with `.dvc` in it."""

    root: Path
    config: CacheConfig

    @functools.cached_property
    def objects(self) -> str:
        return f"{self.config.folder}/files/md5"

    @property
    def threads(self) -> int:
        return self.config.threads or THREADS

    def path(self, md5: str) -> str:
        return f"{self.objects}/{md5[:2]}/{md5[2:]}"

    def make_folder(self, path: Path | str) -> None:
        if not os.path.isdir(path):
            os.makedirs(path, exist_ok=True)
            if self.config.is_shared:
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o2775)

    @contextlib.contextmanager
    def drafts(self) -> Iterator[Drafts]:
        self.make_folder(self.objects)
        with drafts_in(Path(self.objects, ".ferrata")) as drafts:
            yield drafts

    def missing(self, md5s: Iterable[str]) -> set[str]:
        """Those of which there is no object. Asks file by file for a few, and folder by folder for many."""
        wanted = sorted(set(md5s))
        if len(wanted) < 512:
            return {md5 for md5 in wanted if not os.path.exists(self.path(md5))}
        absent: set[str] = set()
        for prefix, few in itertools.groupby(wanted, key=lambda md5: md5[:2]):
            with contextlib.suppress(FileNotFoundError):
                there = set(os.listdir(f"{self.objects}/{prefix}"))
                few = iter([md5 for md5 in few if md5[2:] not in there])
            absent.update(few)
        return absent

    def sizes(self, md5s: Iterable[str]) -> dict[str, int]:
        """Sizes of the objects that are there."""
        found = {}
        for md5 in md5s:
            with contextlib.suppress(FileNotFoundError):
                found[md5] = os.stat(self.path(md5)).st_size
        return found

    def commit(self, drafts: Drafts, ready: Iterable[tuple[str, str]]) -> None:
        """Sealed drafts (path, digest) become objects, once their content is safe on the disk."""
        ready = [(draft, md5) for draft, md5 in ready if draft]
        if not ready:
            return
        make_safe(drafts.folder, (draft for draft, _ in ready))
        for prefix in {md5[:2] for _, md5 in ready}:
            self.make_folder(f"{self.objects}/{prefix}")
        for draft, md5 in ready:
            os.replace(draft, self.path(md5))

    def is_whole(self, md5: str, *, is_read: bool = False) -> bool:
        """Whether an object that is there is what its name says. One that is not is removed, as DVC does; one that is, is sealed.

        One that is sealed already is read only when asked.
        """
        path = self.path(md5)
        if not is_read and is_sealed(os.stat(path), md5):
            return True
        if file_md5(Path(path)) == md5.removesuffix(".dir"):
            seal(path, md5)
            return True
        discard(path)
        return False

    def listing(self, md5: str) -> list[tuple[str, str]]:
        """Digest and path of every file of a folder object; ProjectError when it is missing or damaged."""
        try:
            content = Path(self.path(md5)).read_bytes()
        except FileNotFoundError:
            raise missing_object(self.path(md5)) from None
        if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5.removesuffix(".dir"):
            discard(self.path(md5))
            raise damaged_object(self.path(md5))
        return read_listing(content, where=self.path(md5))


def open_cache(project: Path) -> Cache:
    root = find_root(project) or project
    return Cache(root, read_config(root).cache)


def object_path(project: Path, md5: str) -> Path:
    return Path(open_cache(project).path(md5))


def has(project: Path, md5: str) -> bool:
    """Whether the object, and every file a folder object names, is there."""
    cache = open_cache(project)
    if cache.missing([md5]):
        return False
    try:
        return not md5.endswith(".dir") or not cache.missing(row[0] for row in cache.listing(md5))
    except ProjectError:  # a damaged listing, removed just now
        return False


def put(project: Path, path: Path, *, progress: Progress | None = None) -> Digest:
    """Copy a file, or every file of a folder and its listing, into the cache, and link them as `cache.type` says."""
    from ferrata.store import workspace

    cache = open_cache(project)
    status = status_of(path)
    linked: list[str] = []
    with cache.drafts() as drafts:
        if S_ISDIR(status.st_mode):
            drafting: _Drafting = Crew(lambda file: _sized_draft(cache, drafts, file), threads=cache.threads)
            with drafting:
                content = _put_folder(cache, drafts, path, drafting, progress, linked)
        else:
            content = _put_file(cache, drafts, path, status)
    workspace.relink(cache, path, _linkable(cache, content, set(linked)))
    return content


def keep(project: Path, paths: Iterable[Path]) -> list[str]:
    """The digests of files whose content is now in the cache too; the files themselves stay as they are."""
    cache = open_cache(project)
    with cache.drafts() as drafts:
        made = []
        for path in paths:
            content, draft = path.read_bytes(), drafts.new()
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            write_new(draft, content, PROTECTED, md5=md5)
            made.append((draft, md5))
        cache.commit(drafts, {md5: (draft, md5) for draft, md5 in made}.values())
        return [md5 for _, md5 in made]


def checkout(project: Path, md5: str, path: Path, *, is_executable: bool = False) -> None:
    """Make `path` hold the object; what a folder holds besides is removed. ProjectError when the object is not in the cache, or damaged."""
    from ferrata.store import workspace

    workspace.checkout(open_cache(project), md5, path, is_executable=is_executable)


def remove(path: Path) -> None:
    """Remove a file or a folder, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def discard(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def read_listing(content: bytes, *, where: str) -> list[tuple[str, str]]:
    """The rows of a folder object; ProjectError for one that is none, or that names a file outside of the folder."""
    try:
        rows = [(row["md5"], row["relpath"]) for row in json.loads(content)]
        is_sound = all(len(md5) == 32 and is_inside(relpath) for md5, relpath in rows)
    except (ValueError, TypeError, KeyError):
        is_sound = False
    if not is_sound:
        raise ProjectError("This is not the listing of a folder", where=where, todo="Remove the file, and add the folder again.")
    return rows


def is_inside(relpath: str) -> bool:
    return bool(relpath) and not relpath.startswith("/") and not {"..", ".", ""}.intersection(relpath.split("/"))


def missing_object(path: str) -> ProjectError:
    return ProjectError("An object is not in the cache", where=path, todo="Pull it from the remote, or run the stage that makes it.")


def damaged_object(path: str) -> ProjectError:
    what = "An object in the cache was damaged, and has been removed"
    return ProjectError(what, where=path, todo="Pull it from the remote, or run the stage that makes it.")


def _put_file(cache: Cache, drafts: Drafts, path: Path, status: os.stat_result) -> Digest:
    made: list[tuple[str, str]] = []

    def md5_of(file: Path) -> str:
        made[:] = [_draft_of(cache, drafts, str(file), status.st_size)]
        return made[0][1]

    content = file_digest(path, status, md5_of)
    if not made and cache.missing([content.md5]):
        content = Digest(md5_of(path), content.size, None, content.is_executable)
    cache.commit(drafts, made)
    return content


def _linkable(cache: Cache, content: Digest, linked: set[str]) -> list[tuple[str, str]]:
    """The files that may have to be linked anew: all of them, unless copies are wanted, which most are already."""
    if content.files is None:
        return [(content.md5, "")]
    is_by_copy = cache.config.links[0] in ("reflink", "copy")
    return [(entry.md5, entry.relpath) for entry in content.files if not is_by_copy or entry.relpath in linked]


def _put_folder(cache: Cache, drafts: Drafts, path: Path, crew: _Drafting, progress: Progress | None, linked: list[str]) -> Digest:
    commits = _Commits(cache, drafts)

    def md5s_of(place: Path, names: Iterable[str]) -> Iterator[str]:
        for draft, md5, size in crew.each(f"{place}/{name}" for name in names):
            commits.add(draft, md5, size)
            if progress:
                progress(1, size)
            yield md5

    with commits:
        content = folder_digest(path, md5s_of, linked)
    absent = cache.missing(entry.md5 for entry in content.files or ())
    known = [entry for entry in content.files or () if entry.md5 in absent]  # hashed before, and their objects are lost
    with commits:
        for entry, found in zip(known, md5s_of(path, (entry.relpath for entry in known)), strict=True):
            if found != entry.md5:
                todo = "Run the command again when nobody writes there."
                raise ProjectError("A file changed while it was read", where=f"{path}/{entry.relpath}", todo=todo)
    if cache.missing([content.md5]):
        draft = drafts.new()
        write_new(draft, content.listing(), PROTECTED, md5=content.md5)
        cache.commit(drafts, [(draft, content.md5)])
    return content


class _Commits:
    """Drafts that become objects by the end of the `with`: many at a time, on a thread, while others are made."""

    def __init__(self, cache: Cache, drafts: Drafts) -> None:
        self._cache, self._drafts = cache, drafts
        self._ready: list[tuple[str, str]] = []
        self._size = 0
        self._thread: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._finish()
                self._cache.commit(self._drafts, self._ready)
        finally:
            self._ready, self._size = [], 0
            if self._thread:
                self._thread.shutdown(wait=True, cancel_futures=True)
            self._thread = self._running = None

    def add(self, draft: str, md5: str, size: int) -> None:
        self._ready.append((draft, md5))
        self._size += size
        if len(self._ready) >= _TOGETHER or self._size >= _TOGETHER_SIZE:
            from concurrent.futures import ThreadPoolExecutor

            self._finish()
            self._thread = self._thread or ThreadPoolExecutor(1)
            self._running = self._thread.submit(self._cache.commit, self._drafts, self._ready)
            self._ready, self._size = [], 0

    def _finish(self) -> None:
        if self._running:
            self._running.result()


def _sized_draft(cache: Cache, drafts: Drafts, file: str) -> tuple[str, str, int]:
    size = os.path.getsize(file)
    return (*_draft_of(cache, drafts, file, size), size)


def _draft_of(cache: Cache, drafts: Drafts, file: str, size: int) -> tuple[str, str]:
    """A draft with the content of a file, and its digest; no draft ("") where the object is there."""
    draft = drafts.new()
    if size > _WHOLE:
        md5 = _large_draft(cache, draft, file)
        if os.access(cache.path(md5), os.F_OK):
            discard(draft)
            return "", md5
        seal(draft, md5)
        return draft, md5
    content = read_small(file, size)
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if os.access(cache.path(md5), os.F_OK):
        return "", md5
    write_new(draft, content, PROTECTED, md5=md5)
    return draft, md5


def _large_draft(cache: Cache, draft: str, file: str) -> str:
    """Blocks are shared, or the file gets a second name, where `cache.type` begins with it."""
    first = cache.config.links[0]
    try:
        if first == "reflink":
            share_blocks(file, draft)
            return file_md5(Path(draft))
        if first == "hardlink" and not os.path.islink(file):
            os.link(file, draft)
            return file_md5(Path(draft))
    except OSError:
        discard(draft)
    return copy_hashed(file, draft, PROTECTED)
