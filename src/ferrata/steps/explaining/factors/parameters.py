"""Parameters: values in the files that stages read them from. A trial has the other side's value."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import FerrataError
from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.files import files_of
from ferrata.steps.explaining.setup import CannotSwap, Setup
from ferrata.store.pipelines.params import DEFAULT_PARAMS, read_values
from ferrata.store.pipelines.set_values import Setting, texts_with, write_texts

WORDS = ("parameter",)
_ABSENT = object()


def find(here: Side, there: Side) -> Iterator[Difference]:
    if here.tree is None or there.tree is None:
        return
    for path in sorted(files_of(here.tree).params | files_of(there.tree).params):
        ours, theirs = dict(_leaves(_values(here.tree / path))), dict(_leaves(_values(there.tree / path)))
        for key in dict.fromkeys([*ours, *theirs]):
            old, new = ours.get(key, _ABSENT), theirs.get(key, _ABSENT)
            if old is _ABSENT or new is _ABSENT or old != new or type(old) is not type(new):
                yield _difference(path, key, old, new, path in here.uncommitted | there.uncommitted)


def _difference(path: str, key: str, old: Any, new: Any, is_uncommitted: bool) -> Difference:
    name = key if path == DEFAULT_PARAMS else f"{path}:{key}"
    is_alone = old is not _ABSENT and new is not _ABSENT
    payload = (path, key, new if is_alone else None, is_alone)
    return Difference("parameter", name, _said(old), _said(new), payload=payload, place=path, is_uncommitted=is_uncommitted)


def _values(path: Path) -> Mapping[str, Any]:
    try:
        return read_values(path)
    except (FerrataError, UnicodeDecodeError):
        return {}


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and (value or not prefix):
        for key, item in value.items():
            yield from _leaves(item, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value


def _said(value: Any) -> str:
    return "not there" if value is _ABSENT else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    """A key that one side does not have comes, or goes, with the whole file; then the values that were not chosen are put back."""
    for path in dict.fromkeys(each.payload[0] for each in chosen):
        own = [each for each in chosen if each.payload[0] == path]
        if all(each.payload[3] for each in own):
            _set(setup.folder, [Setting(path, each.payload[1], each.payload[2]) for each in own])
            continue
        assert setup.there.tree is not None, "a key of one side was seen there"
        kept = [each for each in find(setup.here, setup.there) if each.payload[0] == path and each.payload[3] and each not in own]
        ours = dict(_leaves(_values(setup.folder / path)))
        shutil.copy2(setup.there.tree / path, setup.folder / path)
        _set(setup.folder, [Setting(path, each.payload[1], ours[each.payload[1]]) for each in kept])


def _set(folder: Path, settings: list[Setting]) -> None:
    try:
        write_texts(texts_with(folder, settings))
    except FerrataError as error:
        raise CannotSwap(error.what) from error


def todo(difference: Difference, there: Side) -> str:
    path, key, value, is_alone = difference.payload
    if not is_alone:
        return f"Edit {path}: {key}"
    said = f"{key if path == DEFAULT_PARAMS else f'{path}:{key}'}={json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else value}"
    return f"ferrata run --set {shlex.quote(said)}"
