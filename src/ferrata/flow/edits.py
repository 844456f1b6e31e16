"""Edits as their reader wants to see them: the line as it was and as it is now, not the characters that differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ferrata.records.edit import Edit
from ferrata.records.notebook import Notebook
from ferrata.steps.repairs import compose


def by_statement(edits: Iterable[Edit]) -> dict[int, list[Edit]]:
    found: dict[int, list[Edit]] = {}
    for edit in edits:
        found.setdefault(edit.statement, []).append(edit)
    return found


def as_lines(notebook: Notebook, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """One edit for each changed line and rule, in the order of the notebook; whole statements where lines were added or removed."""
    shown: dict[tuple[int, int, str], Edit] = {}
    for index, together in sorted(by_statement(edits).items()):
        source = notebook.statements[index].source
        changed = compose(source, together)
        for edit in together:
            number, before, after = _lines(source, changed, edit.start)
            shown.setdefault((index, number, edit.rule), replace(edit, before=before, after=after))
    return tuple(edit for edit in shown.values() if edit.before != edit.after)


def _lines(source: str, changed: str, start: int) -> tuple[int, str, str]:
    old, new = source.split("\n"), changed.split("\n")
    number = source.count("\n", 0, start)
    if len(old) != len(new):
        return 0, source.strip(), changed.strip()
    return number, old[number].strip(), new[number].strip()
