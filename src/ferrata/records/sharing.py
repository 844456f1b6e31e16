"""What sharing the data of a project did: tracked, pushed, pulled, and where to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Added:
    """One path that was tracked. `files` is None for a file; `state` is "added", "updated" or "unchanged"; `dvcfile` says it in Git."""

    path: Path
    dvcfile: Path
    md5: str
    size: int
    files: int | None
    state: str


@dataclass(frozen=True)
class AddedAll:
    """`ignored` are the `.gitignore` files that changed, `begun` the files that make the folder a project of DVC's format."""

    root: Path
    added: tuple[Added, ...]
    ignored: tuple[Path, ...] = ()
    begun: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Shared:
    """One push or pull. `direction` is "push" or "pull"; `moved` objects of `size` bytes travelled, `present` were there already.

    `changed` are the paths in the project that a pull wrote, `outputs` counts all that the project's files name.
    """

    direction: str
    remote: str
    url: str
    outputs: int
    moved: int
    size: int
    present: int
    changed: tuple[Path, ...] = ()


@dataclass(frozen=True)
class RemoteEntry:
    name: str
    url: str
    is_default: bool


@dataclass(frozen=True)
class Remotes:
    """`added` is the name of the one that was just added; `private` the file that took what must not be in Git."""

    entries: tuple[RemoteEntry, ...]
    added: str = ""
    private: Path | None = None
    is_local: bool = False
