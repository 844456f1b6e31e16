"""`dvc.lock`, schema 2.0: what each stage was given and gave, byte for byte as `dvc repro` writes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.store.hashing import Digest, digest
from ferrata.store.params import read_params, select_params
from ferrata.store.yaml12 import dump_as_dvc, load

Entry = dict[str, Any]


def lock_text(entries: Mapping[str, Entry]) -> str:
    return dump_as_dvc({"schema": "2.0", "stages": dict(entries)})


def write_lock(folder: Path, entries: Mapping[str, Entry]) -> Path:
    """Replace `dvc.lock` in one step, so that a killed run leaves the old one or the new one."""
    path, draft = folder / "dvc.lock", folder / ".dvc.lock.new"
    draft.write_text(lock_text(entries), encoding="utf-8")
    os.replace(draft, path)
    return path


def read_lock(folder: Path) -> dict[str, Entry]:
    """Stage name to entry; empty when there is no lock yet."""
    import yaml

    path = folder / "dvc.lock"
    if not path.exists():
        return {}
    try:
        return dict((load(path.read_text(encoding="utf-8")) or {}).get("stages") or {})
    except (yaml.YAMLError, AttributeError, ValueError) as error:
        raise ProjectError(
            "dvc.lock is damaged", where=str(path), todo="Restore it from Git, or delete it and run the pipeline."
        ) from error


def lock_entry(folder: Path, stage: Stage, *, hashed: Callable[[Path], Digest] = digest) -> Entry:
    """The entry for a stage that has just run, from the files as they are now."""
    return {**given_entry(folder, stage, hashed=hashed), **_part("outs", folder, stage.results, hashed)}


def given_entry(folder: Path, stage: Stage, *, hashed: Callable[[Path], Digest] = digest) -> Entry:
    """The part of the entry that decides whether a stage must run: command, dependencies and parameters."""
    entry: Entry = {"cmd": stage.command, **_part("deps", folder, stage.deps, hashed)}
    if stage.params:
        entry["params"] = {"params.yaml": select_params(read_params(folder), stage.params)}
    return entry


def _part(name: str, folder: Path, paths: Iterable[str], hashed: Callable[[Path], Digest]) -> Entry:
    rows = [{"path": path, "hash": "md5", **hashed(folder / path).fields()} for path in sorted(paths)]
    return {name: rows} if rows else {}
