"""What was hashed before: a digest by the place, inode, times and size of a file, so that an unchanged file is asked for its status and not read again.

Kept in `.dvc/tmp/ferrata/`, and never needed: without it, or where it cannot be read or written, files are read again. An entry is written only for a
file whose last change lies two seconds before we looked: a later change then has another time, whatever the clock of the file system counts in.
"""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

RACY = 2_000_000_000  # nanoseconds
_VERSION = 1
_MARK = struct.Struct("=QqqQ")
_BITS = (1 << 64) - 1
MARK_SIZE = _MARK.size


def find_root(path: Path) -> Path | None:
    """The nearest folder upwards with a `.dvc` folder in it."""
    text = os.path.abspath(path)
    while True:
        if os.path.isdir(os.path.join(text, ".dvc")):
            return Path(text)
        parent = os.path.dirname(text)
        if parent == text:
            return None
        text = parent


def mark(status: os.stat_result) -> bytes:
    """What changes when a file does. Links to a cached object come and go without a change of the file, and set the time of its status."""
    changed = 0 if status.st_nlink > 1 else status.st_ctime_ns
    return _MARK.pack(status.st_ino & _BITS, status.st_mtime_ns, changed, status.st_size)


def size_of(marked: bytes) -> int:
    return int(_MARK.unpack(marked)[3])


def is_settled(marked: bytes, looked: int) -> bool:
    """Whether a file that bore this mark when we looked (nanoseconds) has another one after any later change."""
    return int(_MARK.unpack(marked)[1]) < looked - RACY


class Index:
    """Digests of the files of one project; one connection for all threads. Keys are bytes, as the file system has them."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def known(self, folder: bytes) -> dict[bytes, bytes]:
        """Name to mark and digest (raw) of the files directly in a folder."""
        rows = self._ask("SELECT name, value FROM file WHERE folder = ?", folder)
        return {name: value for name, value in rows if len(value) == MARK_SIZE + 16}

    def known_file(self, folder: bytes, name: bytes, marked: bytes) -> str:
        """The digest of one file; "" when it is not known, or was another file then."""
        rows = self._ask("SELECT name, value FROM file WHERE folder = ? AND name = ?", folder, name)
        return next((value[MARK_SIZE:].hex() for _, value in rows if value[:MARK_SIZE] == marked), "")

    def save(self, folder: bytes, rows: Iterable[tuple[bytes, bytes, str]], gone: Iterable[bytes] = ()) -> None:
        """Rows of name, mark and digest; all of them or, killed meanwhile, none."""

        def write(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("DELETE FROM file WHERE folder = ? AND name = ?", ((folder, name) for name in gone))
                values = ((folder, name, marked + bytes.fromhex(md5)) for name, marked, md5 in rows)
                connection.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", values)

        self._attempt(write)

    def _ask(self, query: str, *values: bytes) -> list[tuple[bytes, bytes]]:
        rows: list[tuple[bytes, bytes]] = []
        self._attempt(lambda connection: rows.extend(connection.execute(query, values)))
        return rows

    def _attempt(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Work whose failure costs time and nothing else."""
        import sqlite3

        with self._lock:
            try:
                if self._connection is None or self._process != os.getpid():
                    self._connection, self._process = self._open(), os.getpid()
                work(self._connection)
            except (sqlite3.Error, OSError) as error:
                self._connection = None
                if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                    with contextlib.suppress(OSError):
                        self._file.unlink()  # damaged: begun again by the next command

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, timeout=2.0, check_same_thread=False)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != _VERSION:
            connection.executescript(
                "BEGIN IMMEDIATE; DROP TABLE IF EXISTS file;"
                "CREATE TABLE file (folder BLOB, name BLOB, value BLOB, PRIMARY KEY (folder, name)) WITHOUT ROWID;"
                f"PRAGMA user_version = {_VERSION}; COMMIT;"
            )
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


_open_indexes: dict[Path, Index] = {}


def index_for(root: Path | None) -> Index | None:
    if root is None:
        return None
    return _open_indexes.setdefault(root, Index(root / ".dvc" / "tmp" / "ferrata" / "files.sqlite"))


def now() -> int:
    return time.time_ns()
