"""`dvc.lock`, schema 2.0: what each stage was given and gave, byte for byte as `dvc repro` writes it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.store.hashing import Digest, digest
from ferrata.store.parsed import load_known
from ferrata.store.pipelines.params import ReadText, read_text, stage_params
from ferrata.store.yaml12 import dump_as_dvc

Entry = dict[str, Any]
LOCK = "dvc.lock"
_TODO = "Restore it from Git, or delete it and run the pipeline."


def lock_text(entries: Mapping[str, Entry], datasets: Any = None) -> str:
    head = {"schema": "2.0", **({"datasets": datasets} if datasets else {})}
    if not entries:
        return dump_as_dvc({**head, "stages": {}})
    return dump_as_dvc(head) + "stages:\n" + "".join(_entry_text(_Fixed(name, entry)) for name, entry in entries.items())


class _Fixed:
    """An entry that can be a key: a run of many stages writes the lock after each, and all but one entry are as before."""

    def __init__(self, name: str, entry: Entry) -> None:
        self.name, self.entry, self._text = name, entry, f"{name}\0{entry!r}"

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fixed) and self._text == other._text


@functools.lru_cache(maxsize=1 << 14)
def _entry_text(fixed: _Fixed) -> str:
    return dump_as_dvc({"stages": {fixed.name: fixed.entry}}).removeprefix("stages:\n")


def signature(folder: Path) -> tuple[int, int, int] | None:
    """Another one when the lock was written anew; None where there is none."""
    try:
        found = (folder / LOCK).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def write_lock(folder: Path, entries: Mapping[str, Entry]) -> Path:
    """Replace `dvc.lock` in one step, so that a killed run leaves the old one or the new one. What else DVC keeps there stays."""
    path, draft = folder / LOCK, folder / ".dvc.lock.new"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = lock_text(entries, _content(path).get("datasets") if "datasets:" in before else None)
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)
    return path


def read_lock(folder: Path) -> dict[str, Entry]:
    """Stage name to entry; empty when there is no lock yet. ProjectError when it is damaged."""
    path = folder / LOCK
    content = _content(path)
    stages = content.get("stages") or {}
    problem = "" if not content or content.get("schema") == "2.0" else f"its schema is {content.get('schema')}, not 2.0"
    if not isinstance(stages, Mapping):
        problem = "`stages` is no mapping"
    problem = problem or next((f"the entry of {name} {said}" for name, entry in stages.items() if (said := _problem(entry))), "")
    if problem:
        raise ProjectError(f"dvc.lock is damaged: {problem}", where=str(path), todo=_TODO)
    return dict(stages)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = load_known(path, path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ProjectError("dvc.lock is damaged", where=str(path), todo=_TODO) from error
    if not isinstance(content, dict):
        raise ProjectError("dvc.lock is damaged: it is no mapping", where=str(path), todo=_TODO)
    return content


def _problem(entry: Any) -> str:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("cmd"), (str, list)):
        return "has no command"
    for part in ("deps", "outs"):
        rows = entry.get(part, [])
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) and isinstance(row.get("path"), str) for row in rows):
            return f"has {part} without a path"
    params = entry.get("params", {})
    if not isinstance(params, Mapping) or not all(isinstance(values, Mapping) for values in params.values()):
        return "has params that are no mappings"
    return ""


def given_entry(
    folder: Path, stage: Stage, *, hashed: Callable[[Path], Digest] = digest, read: ReadText = read_text
) -> Entry:
    """The part of the entry that decides whether a stage must run: command, dependencies and parameters."""
    deps = [row(path, hashed(folder / stage.place(path))) for path in sorted(stage.deps)]
    params = stage_params(folder, stage, read=read)
    return {"cmd": command_of(stage), **({"deps": deps} if deps else {}), **({"params": params} if params else {})}


def with_results(given: Entry, stage: Stage, hashed: Callable[[str], Digest]) -> Entry:
    """`hashed` gives what one of the stage's results holds."""
    outs = [row(path, hashed(path)) for path in sorted(stage.results)]
    return {**given, **({"outs": outs} if outs else {})}


def row(path: str, content: Digest) -> Entry:
    return {"path": path, "hash": "md5", **content.fields()}


def command_of(stage: Stage) -> str | list[str]:
    return list(stage.commands) if stage.commands else stage.command


def locked_results(project: Path, stages: Sequence[Stage]) -> dict[str, dict[str, str]]:
    """{stage: {place: MD5}} of what `dvc.lock` has for each stage."""
    entries, by_name = read_lock(project), {stage.name: stage for stage in stages}
    return {
        name: {by_name[name].place(str(row["path"])): str(row.get("md5") or "") for row in entry.get("outs") or ()}
        for name, entry in entries.items() if name in by_name
    }  # fmt: skip
