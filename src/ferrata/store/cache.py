"""`.dvc/cache/files/md5/ab/cdef…`: objects by digest, read-only, as DVC 3 keeps them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.store.hashing import Digest, digest

_PROTECTED = 0o444
_FICLONE = 0x40049409  # ioctl of Linux: share the blocks of a file (btrfs, xfs)


def object_path(project: Path, md5: str) -> Path:
    return project / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]


def put(project: Path, path: Path) -> Digest:
    """Copy a file, or every file of a folder and its listing, into the cache."""
    content = digest(path)
    if content.files is None:
        _put_file(project, path, content.md5)
        return content
    for entry in content.files:
        _put_file(project, path / entry.relpath, entry.md5)
    _put_bytes(project, content.listing(), content.md5)
    return content


def has(project: Path, md5: str) -> bool:
    """Whether the object, and every file a folder object names, is there."""
    if not object_path(project, md5).exists():
        return False
    return not md5.endswith(".dir") or all(object_path(project, row["md5"]).exists() for row in _listing(project, md5))


def checkout(project: Path, md5: str, path: Path) -> None:
    """Make `path` hold the object; what a folder holds besides is removed. ProjectError when the object is not in the cache."""
    if not has(project, md5):
        raise ProjectError(
            f"{path.name} is not in the cache",
            where=str(path),
            todo="Pull it from the remote, or run the stage that makes it.",
        )
    remove(path)
    if not md5.endswith(".dir"):
        _copy(object_path(project, md5), path, 0o644)
        return
    path.mkdir(parents=True)
    for row in _listing(project, md5):
        _copy(object_path(project, row["md5"]), path / row["relpath"], 0o644)


def remove(path: Path) -> None:
    """Remove a file or a folder, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _listing(project: Path, md5: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(object_path(project, md5).read_text(encoding="utf-8"))
    return rows


def _put_file(project: Path, path: Path, md5: str) -> None:
    target = object_path(project, md5)
    if not target.exists():
        _copy(path, target, _PROTECTED)


def _put_bytes(project: Path, content: bytes, md5: str) -> None:
    target = object_path(project, md5)
    if not target.exists():
        with _draft(target, _PROTECTED) as draft:
            draft.write_bytes(content)


def _copy(source: Path, target: Path, mode: int) -> None:
    with _draft(target, mode) as draft:
        if not _share_blocks(source, draft):
            shutil.copyfile(source, draft)


class _draft(contextlib.AbstractContextManager[Path]):
    """A file beside `target` that takes its name when the block ends well, so that no half object is ever seen."""

    def __init__(self, target: Path, mode: int) -> None:
        self.target, self.mode = target, mode

    def __enter__(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.target.parent, prefix=".new-")
        os.close(handle)
        self.path = Path(name)
        return self.path

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.path.unlink(missing_ok=True)
            return
        self.path.chmod(self.mode)
        os.replace(self.path, self.target)


def _share_blocks(source: Path, target: Path) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    with source.open("rb") as reader, target.open("wb") as writer:
        try:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
        except OSError:
            return False
    return True
