"""Why a stage must run: what differs from its entry of `dvc.lock`, by the rules of DVC.

What the lock names and `dvc.yaml` no longer does is passed over, as DVC does: the results are still those of what is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ferrata.records.project import Stage
from ferrata.records.run import Change
from ferrata.store.pipelines.lock import Entry, command_of
from ferrata.store.pipelines.params import ReadText, read_text, stage_params
from ferrata.store.running.contents import Contents, short
from ferrata.store.running.variables import changed_variables

_LONGEST = 60
_NOTHING = object()


def changes_of(
    stage: Stage, locked: Entry | None, contents: Contents, environ: Mapping[str, str], *, read: ReadText = read_text
) -> tuple[Change, ...]:
    """Empty when the results, here or in the cache, are those of what the stage is given now."""
    if (stage.is_always_changed or stage.is_callback) and not stage.is_frozen:
        return (Change("always"),)
    if locked is None:
        return (Change("never"),)
    return (*given_changes(stage, locked, contents, environ, read), *_results(stage, locked, contents))


def given_changes(
    stage: Stage, locked: Entry, contents: Contents, environ: Mapping[str, str], read: ReadText = read_text
) -> tuple[Change, ...]:
    """What a stage is given; of a frozen one only the command counts."""
    found = [Change("command", "", _said(locked["cmd"]), _said(command_of(stage)))] if locked["cmd"] != command_of(stage) else []
    if stage.is_frozen:
        return tuple(found)
    variables = changed_variables(contents.project, stage, locked, environ)
    return (*found, *_dependencies(stage, locked, contents), *_params(stage, locked, contents, read), *variables)


def _dependencies(stage: Stage, locked: Entry, contents: Contents) -> Iterator[Change]:
    rows = rows_by_path(locked, "deps")
    for path in stage.deps:
        place, row = stage.place(path), rows.get(path)
        if row is None or not contents.is_as(place, row):
            before = short(str(row.get("md5") or "")) if row else "not a dependency"
            yield Change("dependency", place, before, contents.said(place))


def _params(stage: Stage, locked: Entry, contents: Contents, read: ReadText) -> Iterator[Change]:
    for path, now in stage_params(contents.project, stage, read=read, is_lenient=True).items():
        before = locked.get("params", {}).get(path, {})
        file = next(file for file in stage.sources if file.path == path)
        prefix = "" if path == "params.yaml" and not stage.wdir else f"{stage.place(path)}:"
        for key in file.keys or dict.fromkeys([*now, *before]):
            old, new = before.get(key, _NOTHING), now.get(key, _NOTHING)
            if old is _NOTHING or new is _NOTHING or old != new:
                yield from _differences(prefix + key, old, new)


def _differences(key: str, old: Any, new: Any) -> Iterator[Change]:
    """Of two mappings only the values that differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys([*old, *new]):
            if old.get(name, _NOTHING) != new.get(name, _NOTHING):
                yield from _differences(f"{key}.{name}", old.get(name, _NOTHING), new.get(name, _NOTHING))
    else:
        yield Change("parameter", key, _said(old), _said(new))


def _results(stage: Stage, locked: Entry, contents: Contents) -> Iterator[Change]:
    rows = rows_by_path(locked, "outs")
    for path in stage.results:
        row, place = rows.get(path), stage.place(path)
        if row is None:
            yield Change("new", place)
        elif path in stage.cached and contents.is_cached(row):
            continue
        elif not contents.is_now(place, row):
            yield Change("result" if (contents.project / place).exists() else "missing", place)


def rows_by_path(entry: Entry, part: str) -> dict[str, Entry]:
    return {row["path"]: row for row in entry.get(part, ())}


def _said(value: Any) -> str:
    if value is _NOTHING:
        return "not there"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ; ".join(text.splitlines())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
