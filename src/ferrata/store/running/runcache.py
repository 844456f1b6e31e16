"""DVC's run cache, `.dvc/cache/runs/ab/abc…/def…`: entries of `dvc.lock` of runs before, by what they were given (`dvc/stage/cache.py`).

The key leaves out `size` and `nfiles` wherever they stand, as DVC computes it; so an entry is only taken when command, dependencies and parameters are
the very ones, also where a parameter is called `size`.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ferrata.records.project import Stage
from ferrata.store import cache
from ferrata.store.pipelines.lock import Entry
from ferrata.store.yaml12 import dump_as_dvc, load

_LEFT_OUT = frozenset({"size", "nfiles"})


def is_kept(stage: Stage) -> bool:
    """Whether DVC keeps runs of this stage. We keep none of a stage with environment variables: DVC would give it back under other values."""
    is_whole = bool(stage.command and (stage.deps or stage.sources) and stage.results)
    is_local = not any(path.startswith("/") for path in stage.deps)
    return is_whole and is_local and not (stage.is_always_changed or stage.persistent or stage.variables)


def find_run(project: Path, stage: Stage, given: Entry) -> Entry | None:
    """The newest entry of a run that was given the same, whose results are all in the cache."""
    if not is_kept(stage):
        return None
    folder = _folder(project, _key(stage, given))
    try:
        names = sorted(os.listdir(folder), key=lambda name: os.path.getmtime(folder / name), reverse=True)
    except OSError:
        return None
    entries = (_read(folder / name) for name in names if not name.startswith("."))
    return next((entry for entry in entries if entry is not None and _fits(project, stage, given, entry)), None)


def keep_run(project: Path, stage: Stage, entry: Entry) -> None:
    """Remember a run; its metrics and plots are put in the cache too, so that they can be given back."""
    if not is_kept(stage) or stage.kept:
        return
    for path in stage.results:
        if path not in stage.cached:
            cache.put(project, project / stage.place(path))
    target = _folder(project, _key(stage, entry)) / _digest(entry)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(dump_as_dvc(entry))
    os.chmod(name, 0o644)
    os.replace(name, target)


def _key(stage: Stage, entry: Entry) -> str:
    parts = ("cmd", "deps", "params")
    given: Entry = {part: entry[part] for part in parts if part in entry}
    return _digest({**given, "outs": sorted(stage.results)})


def _folder(project: Path, key: str) -> Path:
    return cache.open_cache(project).config.folder / "runs" / key[:2] / key


def _digest(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(_without_sizes(entry), sort_keys=True).encode()).hexdigest()


def _without_sizes(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_sizes(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _without_sizes(item) for key, item in value.items() if key not in _LEFT_OUT}
    return value


def _read(path: Path) -> Entry | None:
    try:
        entry = load(path.read_text(encoding="utf-8"))
        return entry if isinstance(entry, dict) and all(row["md5"] for row in entry["outs"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fits(project: Path, stage: Stage, given: Entry, entry: Entry) -> bool:
    same = all(_rows(entry, part) == _rows(given, part) for part in ("cmd", "deps", "params"))
    rows = {row["path"]: row for row in entry["outs"]}
    return same and rows.keys() == set(stage.results) and all(cache.has(project, row["md5"]) for row in rows.values())


def _rows(entry: Entry, part: str) -> Any:
    """Of a dependency its path and digest; of parameters everything."""
    if part == "deps":
        return [(row["path"], row.get("md5"), row.get("hash"), row.get("isexec")) for row in entry.get(part, ())]
    return entry.get(part)
