"""A page as lines, where nothing on it has to be wrapped: what `pages/terminal.py` shows by rich, without the time that rich takes to load.

Only plain characters of one cell each are laid out here; for anything else, and for a page that is wider than the terminal, there is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ferrata.pages.columns import aligned_table
from ferrata.records.page import Code, Figure, Page, Section, Table, Text

_CODES = {"": "", "good": "32", "bad": "31", "warn": "33", "faint": "2", "strong": "1", "next": "1;36"}
_NARROW = frozenset("✓✗≈~·→–…│≤≥±²äöüéèàçßÄÖÜ’")
_GAP = "  "

# Pieces of text, each with its style.
Line = list[tuple[str, str]]


class _TooRich(Exception):
    """Something on the page needs more than lines."""


def page_lines(page: Page, width: int) -> list[Line] | None:
    """None where something does not fit."""
    try:
        lines = [[(page.title, "strong")], *(line for block in page.blocks for line in _block(block))]
    except _TooRich:
        return None
    fits = all(_is_plain(line) and sum(len(text) for text, _ in line) <= width for line in lines)
    if page.next_command:
        lines += [[("", "")], [("Next: ", ""), (page.next_command, "next")]]
    return lines if fits and _is_plain(lines[-1]) else None


def painted(line: Line) -> str:
    return "".join(f"\033[{_CODES[style]}m{text}\033[0m" if _CODES[style] and text else text for text, style in line)


def plain(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def _is_plain(line: Line) -> bool:
    return all(" " <= character <= "~" or character in _NARROW for text, _ in line for character in text)


def _block(block: Any) -> Iterator[Line]:
    if isinstance(block, Section):
        yield [("", "")]
        yield [(block.title, "strong")]
        yield from ([(_GAP, ""), *line] for inner in block.blocks for line in _block(inner))
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Text) and "\n" not in block.text:
        yield [(block.text, block.style)]
    elif isinstance(block, Figure):
        if block.lines:
            yield [(block.caption, "strong")]
            yield from ([(text, "faint")] for text in block.lines)
    elif isinstance(block, Code):
        yield from ([(text, "faint")] for text in block.text.rstrip().split("\n"))
    else:
        raise _TooRich


def _table(table: Table) -> Iterator[Line]:
    numeric, rows = aligned_table(table)
    if any("\n" in cell for row in rows for cell in row) or not table.columns:
        raise _TooRich
    if table.title:
        yield [(table.title, "strong")]
    widths = [max(len(column), *(len(row[index]) for row in rows)) if rows else len(column) for index, column in enumerate(table.columns)]
    if any(table.columns):
        values = [max((len(row[index]) for row in rows), default=0) if is_number else 0 for index, is_number in enumerate(numeric)]
        yield [(_row([column.rjust(value) for column, value in zip(table.columns, values, strict=True)], widths), "faint")]
    for row, style in zip(rows, table.styles or ("",) * len(rows), strict=True):
        yield [(_row(row, widths), style)]


def _row(cells: Any, widths: list[int]) -> str:
    return _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + _GAP
