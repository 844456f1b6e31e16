"""Which packages of the lock go into an image: what the service was seen to need, and what these need in turn."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.image import Needed, Package

_PYPI = "https://pypi.org/simple"
_HEAD = "# Written by `ferrata image build`: the packages that the service needs, from uv.lock."
_HASH = re.compile(r"--hash=(\S+)")
_LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?$")


def normal(name: str) -> str:
    """A distribution's name as the lock writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Lock:
    """uv.lock, as far as it says what needs what, and where from."""

    def __init__(self, project: Path) -> None:
        place = project / "uv.lock"
        try:
            found = tomllib.loads(place.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ProjectError(f"The lock cannot be read: {error}", where=str(place), todo="Restore it from Git, or make it: uv lock.") from error
        self.place = place
        self.packages: dict[str, list[dict[str, Any]]] = {}
        for each in found.get("package", []):
            self.packages.setdefault(str(each["name"]), []).append(each)

    def closure(self, names: Iterable[str]) -> set[str]:
        """The names, as "web" or "web[fast]", and all that they need, on every platform."""
        found: set[tuple[str, str]] = set()
        asked = [name.rstrip("]").partition("[") for name in names]
        waiting = [(name, extra) for name, _, extra in asked if name in self.packages]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += self._needs(*each)
        return {name for name, _ in found}

    def _needs(self, name: str, extra: str) -> Iterable[tuple[str, str]]:
        for package in self.packages.get(name, ()):
            needed = package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
            for each in needed:
                yield each["name"], ""
                yield from ((each["name"], more) for more in each.get("extra", ()))

    def group(self, name: str) -> tuple[str, ...]:
        """What a dependency group of the project names, as "web" and "web[fast]"."""
        own = [package for packages in self.packages.values() for package in packages if {"virtual", "editable"} & set(package.get("source", {}))]
        named = [each for package in own for each in package.get("dev-dependencies", {}).get(name, ())]
        return tuple(text for each in named for text in (each["name"], *(f"{each['name']}[{extra}]" for extra in each.get("extra", ()))))

    def elsewhere(self, names: Iterable[str]) -> tuple[str, ...]:
        """The indexes besides PyPI that these come from. ProjectError for what no other machine can get."""
        sources = {(name, key, str(value)) for name in names for package in self.packages.get(name, ()) for key, value in package.get("source", {}).items()}
        for name, key, value in sorted(sources):
            if key not in ("registry", "subdirectory") or not value.startswith(("http:", "https:")):
                what = f"{name} comes from {value}, which an image cannot get it from"
                raise ProjectError(what, where=str(self.place), todo="Lock a release of it from an index: uv add NAME, or a base image that has it.")
        return tuple(sorted({value for _, _, value in sources} - {_PYPI}))


def filtered(exported: str, names: set[str]) -> str:
    """Those blocks of a hashed requirements file that are about these distributions, without the comments on who needs them."""
    kept = [block for block in _blocks(exported) if (package := _package(block)) and normal(package.name) in names]
    return "".join(f"{line}\n" for block in kept for line in block)


def _blocks(exported: str) -> list[list[str]]:
    blocks: list[list[str]] = []
    for line in exported.splitlines():
        if not line.strip() or line.lstrip().startswith(("#", "-i", "--index", "--extra", "--find")):
            continue
        if line[0].isspace() and blocks:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _package(block: Sequence[str]) -> Package | None:
    found = _LINE.match(block[0])
    if found is None:
        return None
    hashes = tuple(each for line in block for each in _HASH.findall(line))
    return Package(normal(found["name"]), found["version"], hashes, (found["marker"] or "").strip())


def packages_of(requirements: str, *, python: str, machine: str) -> tuple[Package, ...]:
    """What is installed on Linux, by name."""
    from packaging.markers import Marker

    surroundings = _surroundings(python, machine)
    found = [package for block in _blocks(requirements) if (package := _package(block))]
    return tuple(sorted((each for each in found if not each.marker or Marker(each.marker).evaluate(surroundings)), key=lambda each: each.name))


def _surroundings(python: str, machine: str) -> dict[str, str]:
    return {
        "sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": machine, "python_version": python,
        "python_full_version": f"{python}.99", "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
    }  # fmt: skip


def requirements_text(exported: str, lock: Lock, needed: Needed) -> str:
    """The file that an image is built from. It says nothing of what it was made for: only other packages may make another layer of it."""
    names = set(needed.packages)
    about = [_HEAD, *(["# All packages: a smaller set could not be found."] * needed.is_whole)]
    return "\n".join([*about, *(f"--extra-index-url {index}" for index in lock.elsewhere(names))]) + "\n" + filtered(exported, names)


def recorded(requirements: str, dockerfile: str, key: str) -> Needed | None:
    """What was found to be needed before, where the Dockerfile says that it was for this very key."""
    if f"# for: {key}\n" not in dockerfile:
        return None
    names = tuple(package.name for block in _blocks(requirements) if (package := _package(block)))
    reads = tuple(re.findall(r"^# reads: (.+)$", dockerfile, re.MULTILINE))
    return Needed(names, reads, "\n# All packages" in requirements) if names else None


def key_of(parts: Mapping[str, Any], model: Mapping[str, Any]) -> str:
    """The lock, the code, the service and the kind of model: what decides on the packages."""
    kept = (f"{name} {str(parts[name])[:16]}" for name in ("lock", "code", "service"))
    return ", ".join([*kept, f"model {model.get('type')}"])
