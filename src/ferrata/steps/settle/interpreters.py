"""The Pythons that are installed, and which one a notebook gets."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ferrata.errors import EnvironmentFailed
from ferrata.programs import uv
from ferrata.records.command import Command, Outcome

# The observer's floor, and the range in which today's packages have wheels.
OLDEST = (3, 8)
TODAY = ((3, 11), (3, 13))


@dataclass(frozen=True, order=True)
class Interpreter:
    version: tuple[int, int, int]
    path: Path

    @property
    def minor(self) -> tuple[int, int]:
        return self.version[:2]

    @property
    def text(self) -> str:
        return ".".join(map(str, self.version))


def installed(run: Callable[[Command], Outcome], home: Path | None = None) -> tuple[Interpreter, ...]:
    """One CPython per minor version, newest first: those uv sees, those of pyenv (its shims hide all but the active ones), and our own."""
    found = [_own(), *_seen_by_uv(run(uv.python_list()).output), *_of_pyenv(home or Path.home())]
    newest: dict[tuple[int, int], Interpreter] = {}
    for one in found:
        newest.setdefault(one.minor, one)
    return tuple(sorted((one for one in newest.values() if one.minor >= OLDEST), reverse=True))


def for_today(interpreters: Iterable[Interpreter], wish: str = "") -> list[Interpreter]:
    """Interpreters to try, best first: those the wish allows; else our own version, then the newest that packages have wheels for."""
    usable = [one for one in interpreters if allows(wish, one)]
    if wish:
        return sorted(usable, key=lambda one: (TODAY[0] <= one.minor <= TODAY[1], one.version), reverse=True)
    ours = sys.version_info[:2]
    return (
        sorted((one for one in usable if TODAY[0] <= one.minor <= TODAY[1]), key=lambda one: (one.minor == ours, one.version), reverse=True) or usable
    )


def nearest(interpreters: Iterable[Interpreter], minor: tuple[int, int]) -> Interpreter | None:
    """The interpreter whose minor version is nearest, the newer one of two."""
    return min(interpreters, key=lambda one: (abs(one.minor[1] - minor[1]) if one.minor[0] == minor[0] else 99, -one.minor[1]), default=None)


def allows(wish: str, one: Interpreter) -> bool:
    """Whether a version ("3.9", "3.9.1") or a specifier (">=3.8,<3.11") allows this interpreter. An unreadable wish allows all."""
    wish = wish.strip()
    if not wish:
        return True
    exact = re.fullmatch(r"(\d+)\.(\d+)(?:\.\d+)?", wish)
    if exact:
        return one.minor == (int(exact[1]), int(exact[2]))
    try:
        return SpecifierSet(wish.replace(" ", "")).contains(one.text)
    except InvalidSpecifier:
        return True


def by_option(interpreters: Iterable[Interpreter], option: str) -> Interpreter:
    """The interpreter for `--python`: a version, or a path to one."""
    interpreters = list(interpreters)
    path = Path(option)
    is_version = re.fullmatch(r"\d+\.\d+(\.\d+)?", option) is not None
    matching = [one for one in interpreters if (allows(option, one) if is_version else one.path == path)]
    if matching:
        return matching[0]
    there = ", ".join(f"{one.minor[0]}.{one.minor[1]}" for one in interpreters)
    raise EnvironmentFailed(
        f"Python {option} is not installed", where="--python", todo=f"Installed: {there}. `uv python install {option}` gets another one."
    )


def _own() -> Interpreter:
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    return Interpreter((sys.version_info.major, sys.version_info.minor, sys.version_info.micro), base)


def _seen_by_uv(text: str) -> list[Interpreter]:
    """From `uv python list --output-format json`; shims and other implementations fall away."""
    try:
        rows = json.loads(text or "[]")
    except json.JSONDecodeError:
        return []
    return [
        Interpreter((row["version_parts"]["major"], row["version_parts"]["minor"], row["version_parts"]["patch"]), Path(row["path"]))
        for row in rows
        if row.get("path")
        and row.get("implementation") == "cpython"
        and row.get("variant", "default") == "default"
        and "shims" not in Path(row["path"]).parts
        and re.fullmatch(r"[\d.]+", row["version"])
    ]


def _of_pyenv(home: Path) -> list[Interpreter]:
    root = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    found = []
    for folder in sorted(root.glob("3.*"), reverse=True) if root.is_dir() else []:
        version = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", folder.name)
        if version and (folder / "bin" / "python").exists():
            found.append(Interpreter((int(version[1]), int(version[2]), int(version[3])), folder / "bin" / "python"))
    return sorted(found, reverse=True)
