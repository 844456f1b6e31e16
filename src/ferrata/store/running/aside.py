"""The last good results of a stage, moved aside while its command runs: put back when it fails, and by the next command when it was killed.

`.ferrata/aside/<stage>/` holds a note (written before anything is moved) and what was moved, by number. Each move is one rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ferrata.records.project import Stage
from ferrata.store import cache
from ferrata.store.pipelines.lock import read_lock
from ferrata.store.running.contents import Contents
from ferrata.store.running.variables import entry_digest

FOLDER = Path(".ferrata") / "aside"
_NOTE = "note.json"


def set_aside(project: Path, stage: Stage, locked: Mapping[str, Any] | None, contents: Contents) -> None:
    """Move the results away, and copy those that the command is to find (`persist`)."""
    folder = _folder(project, stage.name)
    folder.mkdir(parents=True, exist_ok=True)
    places = [stage.place(path) for path in stage.results]
    there = [number for number, place in enumerate(places) if os.path.lexists(project / place)]
    _write_note(folder, {"stage": stage.name, "places": places, "there": there, "lock": entry_digest(locked) if locked else ""})
    for number, path in enumerate(stage.results):
        source, target = project / stage.place(path), folder / str(number)
        if path in stage.persistent:
            _copy(source, target)
        elif os.path.lexists(source):
            _move(source, target)
        source.parent.mkdir(parents=True, exist_ok=True)
        contents.forget(stage.place(path))


def put_back(project: Path, name: str) -> None:
    """Every result as it was before the command ran; what the command wrote is removed."""
    folder = _folder(project, name)
    note = _note(folder)
    for number, place in enumerate(note.get("places", ())):
        kept = folder / str(number)
        if os.path.lexists(kept):
            cache.remove(project / place)
            (project / place).parent.mkdir(parents=True, exist_ok=True)
            _move(kept, project / place)
        elif number not in note["there"]:
            cache.remove(project / place)
    drop(project, name)


def drop(project: Path, name: str) -> None:
    """The note goes last: without it nothing is put back, and with it everything is still there."""
    folder = _folder(project, name)
    if not folder.exists():
        return
    (folder / _NOTE).unlink(missing_ok=True)
    _remove(folder)


def recover(project: Path) -> tuple[str, ...]:
    """After a killed run: put back the results of stages that had not ended. The names of these stages."""
    folders = sorted((project / FOLDER).iterdir()) if (project / FOLDER).exists() else []
    locked = read_lock(project) if folders else {}
    found = []
    for folder in folders:
        note = _note(folder)
        name = note.get("stage")
        if name is None:
            _remove(folder)
        elif name in locked and entry_digest(locked[name]) != note["lock"]:
            drop(project, name)  # it had ended: its entry was written
        else:
            put_back(project, name)
            found.append(name)
    return tuple(found)


def _folder(project: Path, name: str) -> Path:
    safe = "".join(letter if letter.isalnum() or letter in "-_@." else "_" for letter in name)[:60]
    return project / FOLDER / f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _note(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _NOTE).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}


def _write_note(folder: Path, note: Mapping[str, Any]) -> None:
    draft = folder / f"{_NOTE}.new"
    draft.write_text(json.dumps(note), encoding="utf-8")
    os.replace(draft, folder / _NOTE)


def _move(source: Path, target: Path) -> None:
    try:
        os.rename(source, target)
    except OSError:  # on another file system
        shutil.move(source, target)


def _copy(source: Path, target: Path) -> None:
    """A whole copy or none; the result itself becomes a file of its own, which the command may write in place."""
    if not os.path.lexists(source):
        return
    draft = target.with_suffix(".new")
    cache.remove(draft)
    if source.is_dir():
        shutil.copytree(source, draft)
    else:
        shutil.copy2(source, draft)
    os.rename(draft, target)
    if not source.is_dir() and (source.is_symlink() or source.stat().st_nlink > 1):
        own = source.with_name(f".{source.name}.own")
        shutil.copy2(target, own)
        own.chmod(0o644)
        os.replace(own, source)


def _remove(folder: Path) -> None:
    for parent, _, _ in os.walk(folder):
        os.chmod(parent, 0o700)
    cache.remove(folder)
