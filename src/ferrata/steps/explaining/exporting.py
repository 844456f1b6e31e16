"""One recorded run as a file for somebody else: what is recorded, the text of the code, and of the data only hashes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ferrata.records.run_record import RunRecord
from ferrata.steps.explaining.files import CODE, files_of, md5_of
from ferrata.steps.explaining.sides import EXPORT
from ferrata.steps.explaining.tables import print_of, read_table

VERSION = 1
_TEXTS = (*CODE, ".yaml", ".yml", ".toml", ".lock", ".dvc", ".cfg", ".ini", ".python-version")
_LARGEST_TEXT = 1 << 21
_MOST_CELLS = 400_000  # of one table; of a larger one only the digest is told


def export_of(project: str, record: RunRecord, tree: Path) -> dict[str, Any]:
    """`tree` has the files of the run; what is lacking there is told by its digest alone."""
    files = files_of(tree)
    salt = secrets.token_hex(8)
    data = {path: md5_of(tree / path) for path in sorted(files.data)}
    return {
        "kind": EXPORT, "version": VERSION, "project": project, "run": asdict(record), "texts": dict(_texts(tree, files.data, files.params)),
        "data": {**record.data, **data}, "prints": {path: found for path in sorted(files.data) if (found := _print(tree / path, salt))},
    }  # fmt: skip


def _texts(tree: Path, data: frozenset[str], params: frozenset[str]) -> Mapping[str, str]:
    found = {}
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        is_text = name in params or (path.name.endswith(_TEXTS) and name not in data)
        if is_text and path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST_TEXT:
            found[name] = path.read_bytes().decode("utf-8", "surrogateescape")
    return found


def _print(path: Path, salt: str) -> dict[str, Any] | None:
    table = read_table(path)
    if table is None or len(table.rows) * len(table.header) > _MOST_CELLS:
        return None
    return print_of(table, salt)
