"""Files of the project made from objects of the cache: only those that differ, each whole at every moment."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ferrata.store.cache import Cache, Progress, damaged_object, discard, missing_object, remove
from ferrata.store.drafts import Drafts, drafts_in
from ferrata.store.hashing import digest
from ferrata.store.index import index_for, mark
from ferrata.store.links import Linker, copy_hashed, is_sealed, make_settled, read_small, seal, write_new
from ferrata.store.parallel import Crew

_WHOLE = 1 << 20
_LINKS = frozenset({"hardlink", "symlink"})

Row = tuple[str, str]  # digest and path in the folder, "" for the file itself


class Damaged(Exception):
    """An object is not what its name says."""


def checkout(cache: Cache, md5: str, path: Path, *, is_executable: bool = False, progress: Progress | None = None) -> bool:
    """Make `path` hold the object; whether anything had to be done. ProjectError when an object is missing or damaged."""
    rows = cache.listing(md5) if md5.endswith(".dir") else [(md5, "")]
    _check_there(cache, rows)
    _remove_dead_links(cache, path)
    here, extra = _differences(path, md5, rows)
    if not here and not extra and path.exists():
        return is_executable and _set_executable(path)
    for relpath in extra:
        _remove_file(path, relpath)
    if md5.endswith(".dir"):
        _make_way(path)
    write(cache, path, here, progress)
    if is_executable:
        _set_executable(path)
    return True


def unsaved(cache: Cache, md5: str, path: Path) -> list[str]:
    """Files that checking out would overwrite or remove, and whose content is nowhere else ("" for the path itself)."""
    _remove_dead_links(cache, path)
    if not os.path.lexists(path):
        return []
    now = digest(path)
    if now.md5 == md5:
        return []
    files = [(entry.md5, entry.relpath) for entry in now.files] if now.files is not None else [(now.md5, "")]
    absent = cache.missing(found for found, _ in files)
    return [relpath for found, relpath in files if found in absent]


def write(cache: Cache, path: Path, rows: Sequence[Row], progress: Progress | None = None) -> None:
    """Make these files, over whatever has their names; ProjectError names what turned out to be damaged."""
    linker, damaged = Linker(cache.config.links), []
    for folder in {os.path.dirname(_place(path, relpath)) for _, relpath in rows}:
        _make_folder(folder)

    def one(row: Row) -> tuple[Row, int]:
        try:
            return row, _write_one(cache, linker, drafts, row[0], _place(path, row[1]))
        except Damaged:
            return row, -1

    with _drafts_for(cache, path) as drafts, Crew(one, threads=cache.threads) as crew:
        for row, size in crew.each(rows):
            damaged += [row] if size < 0 else []
            if progress:
                progress(1, max(size, 0))
    _remember(cache, path, rows if not damaged else [row for row in rows if row not in damaged])
    if damaged:
        raise damaged_object(", ".join(cache.path(md5) for md5, _ in damaged[:3]) + (" …" if len(damaged) > 3 else ""))


def relink(cache: Cache, path: Path, rows: Iterable[Row]) -> None:
    """Make the files that are not linked as `cache.type` says anew."""
    linker = Linker(cache.config.links)
    wrong = [row for row in rows if not _is_linked(linker.kind, _place(path, row[1]), cache.path(row[0]))]
    if wrong:
        write(cache, path, wrong)


def _check_there(cache: Cache, rows: Sequence[Row]) -> None:
    absent = cache.missing(md5 for md5, _ in rows)
    if absent:
        names = [relpath for md5, relpath in rows if md5 in absent and relpath]
        more = f" ({len(names)} of {len(rows)} files: {', '.join(names[:3])}{' …' if len(names) > 3 else ''})" if names else ""
        raise missing_object(cache.path(min(absent)) + more)


def _remove_dead_links(cache: Cache, path: Path) -> None:
    """Links to objects that are no more, which a lost cache leaves where `cache.type` has `symlink`."""
    if "symlink" not in cache.config.links:
        return
    files = [str(path)] if path.is_symlink() else [f"{parent}/{name}" for parent, _, names in os.walk(path) for name in names]
    for file in files:
        if os.path.islink(file) and not os.path.exists(file) and os.readlink(file).startswith(cache.objects):
            os.unlink(file)


def _differences(path: Path, md5: str, rows: list[Row]) -> tuple[list[Row], list[str]]:
    """The rows whose files are missing or others, and the files that are in no row."""
    if not os.path.exists(path) or path.is_dir() != md5.endswith(".dir"):
        if os.path.lexists(path):
            remove(path)
        return rows, []
    now = digest(path)
    if now.md5 == md5:
        return [], []
    before = {entry.relpath: entry.md5 for entry in now.files} if now.files is not None else {"": now.md5}
    changed = [row for row in rows if before.pop(row[1], None) != row[0]]
    return changed, list(before)


def _write_one(cache: Cache, linker: Linker, drafts: Drafts, md5: str, target: str) -> int:
    """Size of the file. Damaged when the object is; it is removed then."""
    source, draft = cache.path(md5), drafts.new()
    status = os.stat(source)
    is_copied = linker.kind == "reflink" and status.st_size <= _WHOLE and _LINKS.isdisjoint(linker.kinds)  # a small file is as soon read
    if linker.kind == "copy" or is_copied or (linker.kind == "hardlink" and not status.st_size):
        _copy(source, draft, md5, status)
    else:
        if not cache.is_whole(md5):
            raise Damaged(md5)
        if linker.make(source, draft, status.st_size) in _LINKS:
            _rename(draft, target)
            return status.st_size
    make_settled(draft)
    _rename(draft, target)
    return status.st_size


def _copy(source: str, draft: str, md5: str, status: os.stat_result) -> None:
    """A copy that is read as it is written; a large object that is sealed was checked before, and the system copies it."""
    if status.st_size <= _WHOLE:
        content = read_small(source, status.st_size)
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        write_new(draft, content, 0o666)
    elif is_sealed(status, md5):
        Linker(("copy",)).make(source, draft, status.st_size)
        return
    else:
        found = copy_hashed(source, draft, 0o666)
    if found != md5:
        discard(draft)
        discard(source)
        raise Damaged(md5)
    if not is_sealed(status, md5):
        seal(source, md5)


def _rename(draft: str, target: str) -> None:
    try:
        os.replace(draft, target)
    except IsADirectoryError:
        remove(Path(target))
        os.replace(draft, target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        remove(Path(target))
        os.replace(draft, target)
    discard(draft)  # of two names of one file, `rename` leaves both


def _is_linked(kind: str, file: str, source: str) -> bool:
    status = os.lstat(file)
    if kind == "symlink":
        return stat.S_ISLNK(status.st_mode) and os.readlink(file) == source
    if kind == "hardlink" and status.st_size:
        return os.path.samestat(status, os.stat(source))
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _remember(cache: Cache, path: Path, rows: Sequence[Row]) -> None:
    """Tell the index what was just written; the times of the files make this sound, see `links.make_settled`."""
    index = index_for(cache.root)
    by_folder: dict[str, list[Row]] = {}
    for md5, relpath in rows:
        by_folder.setdefault(os.path.dirname(relpath), []).append((md5, _place(path, relpath)))
    for few in by_folder.values():
        marked = [(os.fsencode(os.path.basename(place)), mark(os.stat(place)), md5) for md5, place in few]
        if index:
            index.save(os.fsencode(os.path.abspath(os.path.dirname(few[0][1]))), marked)


def _place(path: Path, relpath: str) -> str:
    return f"{path}/{relpath}" if relpath else str(path)


def _remove_file(path: Path, relpath: str) -> None:
    place = _place(path, relpath)
    discard(place)
    while relpath := os.path.dirname(relpath):
        try:
            os.rmdir(_place(path, relpath))
        except OSError:
            return


def _make_way(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    path.mkdir(parents=True, exist_ok=True)


def _make_folder(folder: str) -> None:
    """A folder; a file that has the name of one of the folders above goes."""
    try:
        os.makedirs(folder, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        above = Path(folder)
        while not os.path.lexists(above):
            above = above.parent
        above.unlink()
        os.makedirs(folder, exist_ok=True)


def _set_executable(path: Path) -> bool:
    mode = path.stat().st_mode
    if not mode & 0o100:
        path.chmod(stat.S_IMODE(mode) | 0o100)
    return not mode & 0o100


@contextlib.contextmanager
def _drafts_for(cache: Cache, path: Path) -> Iterator[Drafts]:
    """In `.dvc/tmp`, so that a killed command leaves nothing in the data, or beside the data where that is on another disk."""
    beside = next(folder for folder in (path.parent, *path.parent.parents) if folder.is_dir())
    inside = cache.root / ".dvc"
    is_one_disk = inside.is_dir() and os.stat(inside).st_dev == os.stat(beside).st_dev
    with drafts_in(inside / "tmp" / "ferrata" / "drafts" if is_one_disk else beside / ".ferrata-drafts") as drafts:
        yield drafts
