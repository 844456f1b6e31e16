"""Edits as their reader wants to see them: the line as it was and as it is now, not the characters that differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ferrata.records.edit import Edit
from ferrata.records.notebook import Notebook
from ferrata.steps.repairs import compose


def as_lines(notebook: Notebook, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """One edit for each changed line and rule, in the order of the notebook; whole statements where lines were added or removed."""
    by_statement: dict[int, list[Edit]] = {}
    for edit in edits:
        by_statement.setdefault(edit.statement, []).append(edit)
    shown: dict[tuple[int, int, str], Edit] = {}
    for index in sorted(by_statement):
        source = notebook.statements[index].source
        for edit in by_statement[index]:
            number, before, after = _lines(source, compose(source, by_statement[index]), edit.start)
            shown.setdefault((index, number, edit.rule), replace(edit, before=before, after=after))
    return tuple(edit for edit in shown.values() if edit.before != edit.after)


def _lines(source: str, changed: str, start: int) -> tuple[int, str, str]:
    old, new = source.split("\n"), changed.split("\n")
    number = source.count("\n", 0, start)
    if len(old) != len(new):
        return 0, source.strip(), changed.strip()
    return number, old[number].strip(), new[number].strip()
