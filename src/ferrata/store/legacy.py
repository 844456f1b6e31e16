"""Digests of DVC before version 3, whose rows in `dvc.lock` have no `hash`: text is hashed with the line ends of Unix."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

_TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"
_BLOCK = 512


def legacy_md5(path: Path) -> str:
    if not path.is_dir():
        return _file_md5(path)
    rows = [
        {"md5": _file_md5(Path(parent, name)), "relpath": Path(parent, name).relative_to(path).as_posix()}
        for parent, _, names in os.walk(path)
        for name in names
    ]
    listing = json.dumps(sorted(rows, key=lambda row: row["relpath"]), sort_keys=True).encode()
    return hashlib.md5(listing, usedforsecurity=False).hexdigest() + ".dir"


def legacy_has(project: Path, md5: str) -> bool:
    return (project / ".dvc" / "cache" / md5[:2] / md5[2:]).exists()


def _file_md5(path: Path) -> str:
    hasher = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        is_text = _is_text(file.read(_BLOCK))
        file.seek(0)
        while chunk := file.read(1 << 20):
            hasher.update(chunk.replace(b"\r\n", b"\n") if is_text else chunk)
    return hasher.hexdigest()


def _is_text(block: bytes) -> bool:
    return b"\0" not in block and len(block.translate(None, _TEXT)) <= 0.3 * len(block)
