"""What the project's paths hold, each looked at once, and what they will hold when earlier stages are brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ferrata.records.project import overlap
from ferrata.store import cache
from ferrata.store.hashing import Digest, digest
from ferrata.store.legacy import legacy_has, legacy_md5

Row = Mapping[str, Any]


class Contents:
    """`hashed` reads a path; places are relative to the project."""

    def __init__(self, project: Path, hashed: Callable[[Path], Digest] = digest) -> None:
        self.project, self._hashed = project, hashed
        self._seen: dict[str, Digest | None] = {}
        self._expected: dict[str, Row] = {}

    def expect(self, place: str, row: Row) -> None:
        """The stage that writes `place` is up to date or will be restored: it holds what its row of `dvc.lock` says."""
        self._expected[place] = row

    def forget(self, place: str) -> None:
        self._expected.pop(place, None)
        self._seen = {path: seen for path, seen in self._seen.items() if not overlap(path, place)}

    def digest(self, place: str) -> Digest | None:
        """What is there now; None when nothing is."""
        if place not in self._seen:
            path = self.project / place
            self._seen[place] = self._hashed(path) if path.exists() else None
        return self._seen[place]

    def is_as(self, place: str, row: Row) -> bool:
        """Whether a path holds, or will hold, what a row of `dvc.lock` says."""
        expected = self._expected.get(place)
        if expected is not None:
            return bool(expected.get("md5") == row.get("md5") and expected.get("hash") == row.get("hash"))
        return self.is_now(place, row)

    def is_now(self, place: str, row: Row) -> bool:
        if not row.get("md5"):
            return False
        if row.get("hash") != "md5":
            path = self.project / place
            return path.exists() and legacy_md5(path) == row["md5"]
        now = self.digest(place)
        return now is not None and now.md5 == row["md5"]

    def said(self, place: str) -> str:
        """In a few characters."""
        expected = self._expected.get(place)
        now = self.digest(place) if expected is None else None
        md5 = str(expected.get("md5", "")) if expected is not None else now.md5 if now else ""
        return short(md5) if md5 else "missing"

    def is_cached(self, row: Row) -> bool:
        md5 = str(row.get("md5") or "")
        return bool(md5) and (cache.has(self.project, md5) if row.get("hash") == "md5" else legacy_has(self.project, md5))


def short(md5: str) -> str:
    return md5.removesuffix(".dir")[:7]
