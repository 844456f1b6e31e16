"""Where the notebook's data is: what was found, what has to be asked, what is missing, what comes from the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ferrata.records.edit import Edit


@dataclass(frozen=True)
class Input:
    """A file or folder that the code reads. `path` is how the (edited) code names it, relative to the notebook's folder, with forward slashes;
    `source` is where it lies now."""

    path: str
    source: Path
    statements: tuple[int, ...]
    is_folder: bool = False


@dataclass(frozen=True)
class PathQuestion:
    """Several files could be the one meant; `default` was taken."""

    statement: int
    cell: int
    line: int
    wanted: str
    candidates: tuple[Path, ...]
    default: Path


@dataclass(frozen=True)
class Missing:
    """A path that nothing was found for. `looked_in`: folders searched. `certain` is False when the code may not need it or may make it itself."""

    statement: int
    cell: int
    line: int
    wanted: str
    looked_in: tuple[Path, ...]
    certain: bool = True


@dataclass(frozen=True)
class Download:
    """An address that the code reads. `address` is the one that gives the file itself; `path` the local copy, relative to the notebook's folder,
    "" where the code keeps reading the network. `statement` is -1 for a shell line. `fallback` is a file of that name near the notebook."""

    url: str
    address: str
    statement: int
    cell: int
    line: int
    path: str
    fallback: Path | None = None


@dataclass(frozen=True)
class NetworkLoad:
    """A library call that fetches data itself (`seaborn.load_dataset`, `fetch_openml`, `keras.datasets`); not edited."""

    statement: int
    cell: int
    line: int
    function: str


@dataclass(frozen=True)
class Located:
    """`folder` is the notebook's. `edits` are needed before the first run. `folders` must exist, relative to `folder`, before the code writes into them."""

    folder: Path
    inputs: tuple[Input, ...] = ()
    edits: tuple[Edit, ...] = ()
    questions: tuple[PathQuestion, ...] = ()
    missing: tuple[Missing, ...] = ()
    downloads: tuple[Download, ...] = ()
    network: tuple[NetworkLoad, ...] = ()
    folders: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
