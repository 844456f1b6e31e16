"""Variables that change what the same code gives: language, time zone, order of hashes, and those that stages name.

A trial has the other side's value. Of the variables that stages name only digests are recorded; a value is known where it is one of the texts in the code.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.files import files_of, text_of
from ferrata.steps.explaining.setup import Setup

WORDS = ("variable",)
_USUAL = ("", *"true false True False yes no on off prod production dev development test debug cpu cuda".split())
_UNKNOWN = object()


def find(here: Side, there: Side) -> Iterator[Difference]:
    """A variable that one of the sides does not list was not looked at when that was recorded."""
    for name in here.variables or ():
        if there.variables is None or name not in there.variables:
            continue
        ours, theirs = (here.variables or {})[name], there.variables[name]
        if ours != theirs and not name.endswith("_THREADS") and name not in here.named:
            yield Difference("variable", name, _said(ours), _said(theirs), payload=(name, theirs))
    yield from _named(here, there)


def _said(value: str | None) -> str:
    return "not set" if value is None else value or "empty"


def _named(here: Side, there: Side) -> Iterator[Difference]:
    for name in sorted(here.named.keys() & there.named.keys()):
        ours, theirs = here.named[name], there.named[name]
        if ours == theirs:
            continue
        value = _value(theirs, here.tree) if theirs is not None else None
        known = {**(there.variables or {})}.get(name)
        value = known if known is not None and value is _UNKNOWN else value
        if value is _UNKNOWN:
            why = "only a digest of its value is recorded"
            yield Difference("variable", name, "another value", "another value", why_not=why)
        else:
            yield Difference("variable", name, "another value", _said(value if isinstance(value, str) else None), payload=(name, value))


def _value(digest: str, tree: Path | None) -> object:
    return _values(tree).get(digest, _UNKNOWN) if tree is not None else _UNKNOWN


def _values(tree: Path) -> Mapping[str, str]:
    """{digest: value} of the texts in the code, the usual values, and small numbers."""
    texts = {*_USUAL, *map(str, range(1000))}
    for path in files_of(tree).code:
        if path.endswith(".py"):
            texts |= set(_constants(text_of(tree / path)))
    return {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}


def _constants(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    yield from (str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float)))


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    for each in chosen:
        name, value = each.payload
        setup.variables[name] = value


def todo(difference: Difference, there: Side) -> str:
    name = difference.name
    value = difference.payload[1] if difference.payload else None
    how = f"run it as: {name}={value} ferrata run --force" if value is not None else f"run it as: env -u {name} ferrata run --force"
    return f"Name it in dvc.yaml, so that it belongs to the run (meta: {{env: [{name}]}}), and {how}" if name not in there.named else how
