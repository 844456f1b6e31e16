"""A keyword argument that was renamed, whose value was renamed, or that went away after doing nothing for some releases.

The list is `keywords.toml`, from the libraries' release notes; only calls whose function is known by its import are touched.

    OneHotEncoder(sparse=False)                     OneHotEncoder(sparse_output=False)
    RandomForestClassifier(max_features='auto')     RandomForestClassifier(max_features='sqrt')
    KMeans(3, n_jobs=-1)                            KMeans(3)
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Argument, Text


@cache
def _entries() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Entries by (root, function)."""
    data = tomllib.loads((Path(__file__).parent / "keywords.toml").read_text(encoding="utf-8"))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for entry in data["keyword"]:
        for function in entry["functions"]:
            found.setdefault((entry["root"], function), []).append(entry)
    return found


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        path = context.dotted(call.func)
        root, function = path.partition(".")[0], path.rpartition(".")[2]
        for entry in _entries().get((root, function), []):
            if context.has(entry["package"], entry["since"]):
                yield from _changes(call, function, entry, text)


def _changes(call: ast.Call, function: str, entry: dict[str, Any], text: Text) -> Iterator[Change]:
    since = f"{entry['package']} {entry['since']}"
    given = text.arguments(call)
    names = {one.name for one in given}
    drop = set(entry.get("drop", []))
    for one in given:
        new = entry.get("rename", {}).get(one.name)
        if new and new not in names:
            yield Change(one.start, one.start + len(one.name), new, f"{function}({one.name}=) is {new}= since {since}")
        value = _renamed_value(one, entry, text)
        if value:
            yield text.replaced(one.value, value, f"{function}({one.name}={text.of(one.value)}) is {value} since {since}")
        if one.name in entry.get("drop_only", {}) and _same(text.of(one.value), entry["drop_only"][one.name]):
            drop.add(one.name)
    gone = sorted(drop & names)
    yield from text.dropped(call, set(gone), f"{function} has no {' or '.join(f'{name}=' for name in gone)} since {since}; it had no effect")


def _renamed_value(argument: Argument, entry: dict[str, Any], text: Text) -> str:
    values: dict[str, str] = entry.get("values", {}).get(argument.name, {})
    written = text.of(argument.value)
    return next((new for old, new in values.items() if _same(written, [old])), "")


def _same(written: str, values: list[str]) -> bool:
    """Equal as Python values, so that quotes do not matter."""
    try:
        given = ast.literal_eval(written)
        return any(type(value) is type(given) and value == given for value in map(ast.literal_eval, values))
    except (ValueError, SyntaxError):
        return written in values


RULE = anywhere("keyword", _find, __doc__)
