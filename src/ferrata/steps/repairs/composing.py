"""Edits of one statement that were made one after the other, put into one set of edits of its original text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ferrata.records.edit import Edit
from ferrata.records.notebook import Statement
from ferrata.source.edits import apply_edits
from ferrata.steps.repairs.rule import Change


def compose(source: str, edits: Iterable[Edit]) -> str:
    """The statement's original text with its edits. An edit supersedes every earlier one that lies inside its span."""
    return apply_edits(source, [(edit.start, edit.end, edit.after) for edit in effective(edits)])


def effective(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that still count, in the order of the text."""
    kept: list[Edit] = []
    for edit in edits:
        kept = [other for other in kept if not (other.statement == edit.statement and edit.start <= other.start and other.end <= edit.end)]
        kept.append(edit)
    return sorted(kept, key=lambda edit: (edit.statement, edit.start, edit.end))


def rebase(change: Change, statement: Statement, earlier: Iterable[Edit], *, rule: str, silent: bool = False) -> Edit:
    """A change of the current text as an edit of the original one.

    Where it touches earlier edits, the result takes them in: it spans them and its `after` holds what they wrote.
    """
    start, end, shift = change.start, change.end, 0
    first, last, touched, reasons = change.start, change.end, [], []
    for edit in effective(earlier):
        now_start = edit.start + shift
        now_end = now_start + len(edit.after)
        if now_start <= change.end and change.start <= now_end:
            first, last = min(first, now_start), max(last, now_end)
            touched.append((edit, now_start, now_end))
            reasons.append(edit.why)
        shift += len(edit.after) - (edit.end - edit.start)
    start, end = _original(first, earlier), _original(last, earlier)
    text = compose(statement.source, earlier)
    after = text[first : change.start] + change.after + text[change.end : last]
    for edit, _, _ in touched:
        start, end = min(start, edit.start), max(end, edit.end)
    line = statement.line + statement.source.count("\n", 0, start)
    why = "; ".join(dict.fromkeys([*reasons, change.why]))
    return Edit(statement.index, statement.cell, line, start, end, statement.source[start:end], after, rule, why, silent)


def _original(offset: int, earlier: Iterable[Edit]) -> int:
    """The offset in the original text of an offset of the current one that lies in no edit."""
    shift = 0
    for edit in effective(earlier):
        if edit.start + shift + len(edit.after) <= offset:
            shift += len(edit.after) - (edit.end - edit.start)
    return offset - shift


def whole_change(statement: Statement, current: str) -> list[Edit]:
    """One edit that stands for all differences between the original and a current text of unknown history."""
    original = statement.source
    if original == current:
        return []
    prefix = 0
    while prefix < min(len(original), len(current)) and original[prefix] == current[prefix]:
        prefix += 1
    suffix = 0
    while suffix < min(len(original), len(current)) - prefix and original[-1 - suffix] == current[-1 - suffix]:
        suffix += 1
    end, now = len(original) - suffix, len(current) - suffix
    edit = Edit(statement.index, statement.cell, statement.line, prefix, end, original[prefix:end], current[prefix:now], "earlier", "an earlier edit")
    return [replace(edit, line=statement.line + original.count("\n", 0, prefix))]
