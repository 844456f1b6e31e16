"""Look for a file or folder by name near the notebook."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

SKIPPED = frozenset(
    ".git .hg .svn .dvc .venv venv env .env virtualenv node_modules __pycache__ .ipynb_checkpoints .mypy_cache "
    ".pytest_cache .tox .cache site-packages mlruns wandb lightning_logs .idea .vscode $RECYCLE.BIN .Trash".split()
)
_DATA_LIKE = re.compile(
    r"^\.?(data|datasets?|inputs?|raw|csvs?|files?|resources?|assets?|images?|imgs?|train|test|models?|outputs?)\b|data(set)?s?$", re.IGNORECASE
)
_MADE = (("pyvenv.cfg",), ("conda-meta",), ("evidence", "adopt.json"))
_DEPTH = 4
# Outside a repository a parent folder may hold other people's or other projects' data.
_DEPTH_OUTSIDE = 1
_ENTRIES = 50_000
_COMPARED_BYTES = 1 << 26


@dataclass(frozen=True)
class Entry:
    path: Path
    is_folder: bool
    is_given: bool = False


@dataclass(frozen=True)
class Found:
    """`best` None: nothing. `candidates` hold more than one path only when the choice is open."""

    best: Path | None
    candidates: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """The folders around a notebook that data is looked for in: its own, its parents' up to the repository's root, and those the user named."""

    folder: Path
    extra: tuple[Path, ...] = ()
    root: Path | None = None
    max_depth: int = field(default=_DEPTH)

    @cached_property
    def top(self) -> Path:
        """The highest folder that is looked at: `root`, the Git root, or two levels up (never the file system's root or a home folder)."""
        if self.root is not None:
            return self.root.resolve()
        for parent in (self.folder, *self.folder.parents):
            if (parent / ".git").exists():
                return parent
        top = self.folder
        for parent in list(self.folder.parents)[:2]:
            if parent == parent.parent or parent in (Path.home(), Path.home().parent, Path("/tmp")) or not os.access(parent, os.R_OK):
                break
            top = parent
        return top

    @cached_property
    def looked_in(self) -> tuple[Path, ...]:
        """Folders searched, nearest first, for the report."""
        parents = [parent for parent in self.folder.parents if parent == self.top or self.top in parent.parents]
        return tuple(dict.fromkeys((self.folder, *self._given_folders, *parents)))

    @property
    def _given_folders(self) -> list[Path]:
        return [path.resolve() for path in self.extra if path.is_dir()]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        found: dict[Path, Entry] = {}
        for entry in self._all():
            found.setdefault(entry.path, entry)
            if len(found) >= _ENTRIES:
                break
        return tuple(found.values())

    def _all(self) -> Iterator[Entry]:
        for path in self.extra:
            if path.is_file():
                yield Entry(path.resolve(), False, True)
        for given in self._given_folders:
            yield Entry(given, True, True)
            yield from _walk(given, self.max_depth, is_given=True)
        yield Entry(self.folder, True)
        yield from _walk(self.folder, self.max_depth)
        is_repository = self.root is not None or (self.top / ".git").exists()
        for parent in self.looked_in:
            if parent in self.folder.parents:
                yield from _walk(parent, self.max_depth if is_repository else _DEPTH_OUTSIDE, only_data=not is_repository)

    def find(self, wanted: str, *, is_folder: bool = False, holds: str = "") -> Found:
        """The file (or folder) meant by `wanted`, of which only the last parts can be trusted.

        `holds` is a pattern of names that the folder must hold ("*.jpg", "train/*"). First by exact name, then without regard to case, then to
        spaces, `_`, `-` and `(1)`.
        """
        parts = [part for part in wanted.replace("\\", "/").split("/") if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part)]
        if not parts:
            return Found(None)
        name = parts[-1]
        same_kind = [entry for entry in self.entries if entry.is_folder == is_folder and (not holds or _holds(entry.path, holds))]
        for key in (str, str.lower, _loose):
            matches = [entry for entry in same_kind if key(entry.path.name) == key(name)]
            if matches:
                return self._choose(matches, parts)
        return Found(None)

    def _choose(self, matches: list[Entry], parts: Sequence[str]) -> Found:
        given = [entry for entry in matches if entry.is_given]
        ranked = sorted((entry.path for entry in given or matches), key=lambda path: (-_tail(path, parts), self.distance(path), str(path)))
        best = ranked[0]
        rivals = [path for path in ranked[1:] if _tail(path, parts) == _tail(best, parts) and not self._is_further_out(path, best)]
        if not rivals or all(_same_content(best, path) for path in rivals):
            return Found(best, (best,))
        return Found(best, (best, *rivals))

    def _is_further_out(self, path: Path, best: Path) -> bool:
        """A file in the notebook's folder is meant before one outside of it."""
        return self.folder in best.parents and self.folder not in path.parents

    def distance(self, path: Path) -> int:
        """Steps from the notebook's folder to the folder of `path`."""
        return len([part for part in PurePosixPath(os.path.relpath(path.parent, self.folder)).parts if part != "."])


def _walk(folder: Path, depth: int, *, only_data: bool = False, is_given: bool = False) -> Iterator[Entry]:
    """Breadth first, names in order, so that nearer entries come first. `only_data`: subfolders with names that sound like data only."""
    level = [folder]
    for step in range(depth + 1):
        below: list[Path] = []
        for current in level:
            for item in _listing(current):
                is_folder = item.is_dir(follow_symlinks=True)
                if is_folder and (item.name in SKIPPED or _is_made(item.path) or step == 0 and only_data and not _DATA_LIKE.search(item.name)):
                    continue
                yield Entry(Path(item.path), is_folder, is_given)
                if is_folder and not item.is_symlink():
                    below.append(Path(item.path))
        level = below


def _listing(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return sorted(items, key=lambda item: item.name)[:10_000]
    except OSError:
        return []


def _is_made(path: str) -> bool:
    """An environment, or a project of ours: its data is a copy of what lies here."""
    return any(os.path.exists(os.path.join(path, *mark)) for mark in _MADE)


def _loose(name: str) -> str:
    """A name without case, spaces, `_`, `-` and the marks that downloads and copies add."""
    stem, dot, suffix = name.lower().rpartition(".")
    stem, suffix = (stem, suffix) if dot else (suffix, "")
    stem = re.sub(r"\s*\(\d+\)$|\s*-\s*copy$|^copy of\s+", "", stem.strip())
    return re.sub(r"[\s_\-]+", "", stem) + dot + suffix


def _tail(path: Path, parts: Sequence[str]) -> int:
    """How many folder names above the file agree with the path that was wanted."""
    count = 0
    for have, want in zip(reversed(path.parts[:-1]), reversed(parts[:-1]), strict=False):
        if have.lower() != want.lower():
            break
        count += 1
    return count


def _holds(folder: Path, pattern: str) -> bool:
    """Whether the folder has an entry, up to two levels down, that fits the pattern."""
    if "/" in pattern:
        return any(True for _ in _quiet_glob(folder, pattern))
    names = [item.name for item in _listing(folder)]
    return any(fnmatch.fnmatch(name.lower(), pattern.lower()) for name in names)


def _quiet_glob(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from folder.glob(pattern)
    except (ValueError, OSError, NotImplementedError):
        return


def _same_content(left: Path, right: Path) -> bool:
    """Whether two files are equal byte for byte; folders and very large files count as different."""
    try:
        if left.is_dir() or right.is_dir() or left.stat().st_size != right.stat().st_size or left.stat().st_size > _COMPARED_BYTES:
            return False
        return left.read_bytes() == right.read_bytes()
    except OSError:
        return False
