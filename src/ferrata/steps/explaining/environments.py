"""Environments for trials: the project's own, or one with other versions, made from uv's cache in the folder of the trials."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement

from ferrata.programs import uv
from ferrata.records.command import Command
from ferrata.steps.explaining.setup import CannotSwap
from ferrata.world import process


@dataclass
class Environments:
    """`own` is the environment that the project has, with these packages; None where it has none."""

    folder: Path
    own: Path | None
    own_packages: Mapping[str, str]
    own_python: str
    on_line: Callable[[str], None]
    _made: dict[str, Path | str] = field(default_factory=dict)

    def python_for(self, packages: Mapping[str, str], version: str) -> Path | None:
        """The interpreter, or None for the system's own; CannotSwap where no such environment can be made."""
        is_own_python = not version or version == self.own_python
        if is_own_python and dict(packages) == dict(self.own_packages):
            return self.own / "bin" / "python" if self.own else None
        key = hashlib.sha256(json.dumps([version, sorted(packages.items())]).encode()).hexdigest()[:12]
        if key not in self._made:
            self._made[key] = self._make(self.folder / key, packages, version or self.own_python)
        made = self._made[key]
        if isinstance(made, str):
            raise CannotSwap(made)
        return made

    def _make(self, folder: Path, packages: Mapping[str, str], version: str) -> Path | str:
        """The reason where it cannot be made."""
        interpreter = self._interpreter(version)
        made = process.run(uv.venv(folder, interpreter), on_line=self.on_line)
        if made.status != 0:
            return f"there is no Python {version} here"
        wanted = [f"{name}=={number}" for name, number in packages.items() if name not in _LOCAL]
        python = folder / "bin" / "python"
        outcome = process.run(uv.pip_install_exactly(python, wanted), on_line=self.on_line) if wanted else None
        if outcome is not None and outcome.status != 0:
            return f"these packages cannot be installed: {_reason(outcome.error)}"
        return python

    def _interpreter(self, version: str) -> str:
        """The one that the project's own environment was made with, where it is the same version."""
        if self.own is not None and version == self.own_python:
            return str((self.own / "bin" / "python").resolve())
        return version


_LOCAL = frozenset({"pip", "setuptools", "wheel"})


def _reason(text: str) -> str:
    lines = [line.strip(" ×╰─▶│├") for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "uv gave no reason"


def python_of(folder: Path) -> str:
    """The version of the interpreter that a project without an environment asks for; "" where none is here, or it asks for none."""
    if not (folder / "pyproject.toml").is_file():
        return ""
    found = process.run(uv.find_python(folder))
    if found.status != 0 or not found.output.strip():
        return ""
    said = process.run(Command((found.output.strip(), "-c", "import platform; print(platform.python_version())"), why="Reading its version", timeout=60))
    return said.output.strip() if said.status == 0 else ""


def pins(folder: Path, version: str) -> dict[str, str]:
    """What the lock of a folder installs on this system; empty where there is none, or where uv cannot read it."""
    if not (folder / "uv.lock").is_file():
        return {}
    outcome = process.run(uv.pins(folder))
    return pins_in(outcome.output, version) if outcome.status == 0 else {}


def pins_in(text: str, version: str) -> dict[str, str]:
    environment = {str(name): str(value) for name, value in default_environment().items()}
    if version:
        environment |= {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])}
    found = {}
    for line in text.splitlines():
        try:
            requirement = Requirement(line.split("#")[0].strip().rstrip("\\").strip())
        except InvalidRequirement:
            continue
        pinned = re.fullmatch(r"===?([\w.+!-]+)", str(requirement.specifier))
        if pinned and (requirement.marker is None or requirement.marker.evaluate(environment)):
            found[re.sub(r"[-_.]+", "-", requirement.name).lower()] = pinned[1]
    return dict(sorted(found.items()))


def direct_names(folder: Path) -> frozenset[str]:
    """The packages that `pyproject.toml` itself asks for."""
    import tomllib

    try:
        content = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return frozenset()
    asked = [*(content.get("project", {}).get("dependencies") or ()), *(line for group in (content.get("dependency-groups") or {}).values() for line in group)]
    names = (re.match(r"[\w.-]+", line) for line in asked if isinstance(line, str))
    return frozenset(re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name)
