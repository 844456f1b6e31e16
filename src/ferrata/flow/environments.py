"""Settled environments, kept for the next notebook that wants the same packages.

Resolving and installing is most of the time of a small adoption. An environment of the same requirements, made this week, is taken again; the proof still
installs from the lock into an environment that nobody used before.
"""

from __future__ import annotations

import datetime
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from ferrata.errors import OutsideError
from ferrata.programs import uv
from ferrata.records.environment import Environment, EnvironmentSpec, Requirement
from ferrata.steps.settle import settle
from ferrata.world import process
from ferrata.world.disk import cache_folder, discard, private_folder, remove_tree
from ferrata.world.lock import locked
from ferrata.world.workspace import digest

_NAME = "ferrata-kept-environment"
_READY = "ready.json"


def settled(spec: EnvironmentSpec, folder: Path, say: Callable[[str], None]) -> Environment:
    """The environment of `spec`, with its pyproject.toml and uv.lock in `folder` under the project's own name. Raises EnvironmentFailed."""
    week = "-".join(map(str, datetime.date.today().isocalendar()[:2]))
    key = digest(asdict(replace(spec, project="", local_modules=(), unknown_modules=(), notes=())), week)[:32]
    root = private_folder(cache_folder() / "environments")
    with locked(root / f"{key}.lock", wait=True):
        _remove_old(root)
        kept = root / key
        if not (kept / _READY).exists():
            remove_tree(kept)
            made = settle(replace(spec, project=_NAME), kept, say)
            (kept / _READY).write_text(json.dumps(asdict(made), default=str), encoding="utf-8")
        found = _read(kept)
    _name(kept, folder, spec.project)
    return replace(found, folder=folder, local_modules=spec.local_modules, notes=(*spec.notes, *(note for note in found.notes if note not in spec.notes)))


def _read(kept: Path) -> Environment:
    data = json.loads((kept / _READY).read_text(encoding="utf-8"))
    return Environment(
        name=data["name"], folder=kept, python=Path(data["python"]), python_version=data["python_version"],
        requirements=tuple(Requirement(**one) for one in data["requirements"]), packages=tuple((name, version) for name, version in data["packages"]),
        exclude_newer=data["exclude_newer"], notes=tuple(data["notes"]),
    )


def _name(kept: Path, folder: Path, project: str) -> None:
    """The kept manifest and lock under the project's name; resolving again with the lock in place keeps every version."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("pyproject.toml", "uv.lock"):
        text = (kept / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(f'name = "{_NAME}"', f'name = "{project}"'), encoding="utf-8")
    shutil.copyfile(kept / ".python-version", folder / ".python-version")
    outcome = process.run(uv.lock(folder))
    if outcome.status != 0:
        raise OutsideError("The lock could not be given the project's name", where=str(folder), todo=outcome.error.strip()[-500:])


def _remove_old(root: Path) -> None:
    """Environments that were made three weeks ago or earlier."""
    for ready in root.glob(f"*/{_READY}"):
        if time.time() - ready.stat().st_mtime > 21 * 86400:
            discard(ready.parent)
