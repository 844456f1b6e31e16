"""What pyproject.toml says of the image, in `[tool.ferrata.image]`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.image import ImageSettings

TABLE = "tool.ferrata.image"
_PYTHON = "3.12"
_KINDS: Mapping[str, type] = {"base": str, "repository": str, "network": str, "rows": bool}


def read_settings(project: Path) -> ImageSettings:
    """ProjectError for a key that is not known, or a value that is of another kind."""
    found = table(project, "image")
    place = f"{project / 'pyproject.toml'}, [{TABLE}]"
    for name, value in found.items():
        if name not in _KINDS:
            raise ProjectError(f"There is no setting {name}", where=place, todo=f"The settings are {', '.join(_KINDS)}: see docs/image.md.")
        if not isinstance(value, _KINDS[name]):
            raise ProjectError(f"{name} is {value!r}, and no {_KINDS[name].__name__}", where=place, todo="See docs/image.md.")
    base = found.get("base") or f"python:{python_version(project)}-slim"
    if "@" in base:
        todo = "Write it without: `ferrata image build` looks the digest up and writes it into the Dockerfile."
        raise ProjectError("The base names a digest", where=place, todo=todo)
    return ImageSettings(base, str(found.get("repository", "")).rstrip("/"), found.get("network", ""), found.get("rows", False))


def table(project: Path, name: str) -> dict[str, Any]:
    """`[tool.ferrata.NAME]`; {} where there is none."""
    place = project / "pyproject.toml"
    try:
        found = tomllib.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(f"pyproject.toml cannot be read: {error}", where=str(place), todo="Restore it from Git.") from error
    settings = found.get("tool", {}).get("ferrata", {}).get(name, {})
    if not isinstance(settings, dict):
        raise ProjectError(f"[tool.ferrata.{name}] is no table", where=str(place), todo="See docs/image.md and docs/ship.md.")
    return settings


def python_version(project: Path) -> str:
    """Major and minor, as the project is held at."""
    try:
        found = re.match(r"\D*(\d+\.\d+)", (project / ".python-version").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else _PYTHON
