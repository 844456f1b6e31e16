"""Environments for trials: the project's own, or one with other versions, made from uv's cache in the folder of the trials."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from ferrata.programs import uv
from ferrata.records.command import Command
from ferrata.steps.explaining.resolution import Installed, installed_in, named_in
from ferrata.steps.explaining.setup import CannotSwap
from ferrata.world import process

_BYTECODE = Path(__file__).resolve().parents[2] / "observer" / "trial" / "bytecode.py"
_NAME = "_ferrata_trial_bytecode"


@dataclass
class Environments:
    """`own` is the environment that the project has, with these packages; None where it has none. `blamed` are packages that could not be installed, by
    what uv said."""

    folder: Path
    own: Path | None
    own_packages: Mapping[str, str]
    own_python: str
    on_line: Callable[[str], None]
    blamed: set[str] = field(default_factory=set)
    _made: dict[str, Path | str] = field(default_factory=dict)

    def installed(self, packages: Mapping[str, str], version: str) -> dict[str, Installed]:
        """What such an environment has; empty where it cannot be made."""
        try:
            python = self.python_for(packages, version)
        except CannotSwap:
            return {}
        return installed_in(python.parent.parent, _markers(version or self.own_python)) if python else {}

    def between(self, name: str, limits: tuple[str, str], packages: Mapping[str, str], version: str) -> str:
        """The version of `name` between two (without them), and nearest to the second, that fits the others; "" where uv finds none."""
        first, last = limits
        if not first or not last:
            return ""
        is_up = Version(last) > Version(first)
        asked = f"{name}>{first},<{last}" if is_up else f"{name}<{first},>{last}"
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{name}.in"
        file.write_text("\n".join([asked, *(f"{each}=={number}" for each, number in packages.items() if each != name)]) + "\n", encoding="utf-8")
        outcome = process.run(uv.compiled(file, python=".".join((version or self.own_python).split(".")[:2]), is_newest=is_up))
        return pins_in(outcome.output, version).get(name, "") if outcome.status == 0 else ""

    def is_own(self, python: Path | None) -> bool:
        return python is None or (self.own is not None and python.is_relative_to(self.own))

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
            self.blamed |= named_in(outcome.error, packages)
            return f"these packages cannot be installed: {_reason(outcome.error)}"
        self._keep_bytecode(folder)
        return python

    def _keep_bytecode(self, folder: Path) -> None:
        """Modules are compiled once for all trials: what uv linked from its cache is one file in all environments, and so is its compiled form."""
        for packages in folder.glob("lib/python3*/site-packages"):
            shutil.copyfile(_BYTECODE, packages / f"{_NAME}.py")
            (packages / f"{_NAME}.pth").write_text(f"import {_NAME}\n", encoding="utf-8")
            made = [each.parent.parent for each in self._made.values() if isinstance(each, Path)]
            for other in (*made, *((self.own,) if self.own else ())):
                _link_bytecode(other / packages.relative_to(folder), packages)

    def _interpreter(self, version: str) -> str:
        """The one that the project's own environment was made with, where it is the same version."""
        if self.own is not None and version == self.own_python:
            return str((self.own / "bin" / "python").resolve())
        return version


_LOCAL = frozenset({"pip", "setuptools", "wheel"})


def _link_bytecode(source: Path, target: Path) -> None:
    for compiled in source.rglob("__pycache__/*.pyc"):
        place = target / compiled.relative_to(source)
        module = Path(compiled.parent.parent, f"{compiled.name.partition('.')[0]}.py")
        own = target / module.relative_to(source)
        with contextlib.suppress(OSError):
            if not place.exists() and os.path.samefile(module, own):
                place.parent.mkdir(exist_ok=True)
                os.link(compiled, place)


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
    environment = _markers(version)
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


def _markers(version: str) -> dict[str, str]:
    """What environment markers are evaluated with, for a Python of this version on this machine."""
    found = {str(name): str(value) for name, value in default_environment().items()}
    return found | {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])} if version else found


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
