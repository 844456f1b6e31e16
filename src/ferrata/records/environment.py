"""The environment that the author's code runs in: made by uv, never Ferrata's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Requirement:
    """One direct dependency. `origin`: `import` (cell given), `file` (lock or requirements beside the notebook), `install`
    (a `!pip install` line), `ferrata` (needed by the pipeline's file formats)."""

    specifier: str
    module: str = ""
    origin: str = "import"
    cell: int | None = None


@dataclass(frozen=True)
class Environment:
    """A settled environment.

    `name`: `today`, or `of its time (before 2021-06-30)`. `folder` holds pyproject.toml, uv.lock and .venv; `python`
    is the interpreter in it; `packages` what is installed, name to version; `local_modules` files or packages beside
    the notebook that its code imports.
    """

    name: str
    folder: Path
    python: Path
    python_version: str
    requirements: tuple[Requirement, ...]
    packages: tuple[tuple[str, str], ...] = ()
    local_modules: tuple[Path, ...] = ()
    exclude_newer: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnknownModule:
    """A module that the notebook imports, that no distribution is known for and that lies not beside it. It is never
    guessed: a name that looks right may be somebody else's package. `optional` when the import stands in a `try`."""

    module: str
    cell: int
    line: int
    todo: str
    optional: bool = False


@dataclass(frozen=True)
class Index:
    """A package index that only the distributions in `packages` are taken from."""

    name: str
    url: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class EnvironmentSpec:
    """What `settle` is asked to make. `name`: see `Environment`; `project` the final project's name, so that its lock stays valid there.

    `python` is an installed interpreter; `requirements` are PEP 508 lines and `constraints` versions that hold only where something needs
    the package; `undated` packages are free of `exclude_newer` (RFC 3339, "" for today's); `source` names the file the requirements
    came from, "" when they came from imports. `fallbacks` are other interpreters (version, path) for when nothing resolves on this one;
    `wheels_only` distributions are never built from source; `is_last_resort`: only where nothing else runs.
    """

    name: str
    project: str
    python: Path
    python_version: str
    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[str, ...] = ()
    exclude_newer: str = ""
    undated: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    local_modules: tuple[Path, ...] = ()
    unknown_modules: tuple[UnknownModule, ...] = ()
    source: str = ""
    fallbacks: tuple[tuple[str, Path], ...] = ()
    wheels_only: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_last_resort: bool = False
