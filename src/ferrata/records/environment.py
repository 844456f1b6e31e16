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
