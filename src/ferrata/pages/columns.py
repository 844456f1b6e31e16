"""Columns of a table, aligned the way numbers are read: on the decimal point."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ferrata.records.page import Table

_NUMBER = re.compile(r"[-+−]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?( ?%| s)?|[-+]?(nan|inf)", re.IGNORECASE)
ABSENT = frozenset({"", "–"})


def is_numeric(cells: Sequence[str]) -> bool:
    """At least one number, and nothing but numbers and absent values."""
    present = [cell for cell in cells if cell not in ABSENT]
    return bool(present) and all(_NUMBER.fullmatch(cell) for cell in present)


def aligned(cells: Sequence[str]) -> list[str]:
    """The cells padded to one width so that decimal points stand under one another; text is returned as it is."""
    if not is_numeric(cells):
        return list(cells)
    parts = [_split(cell) for cell in cells]
    before, after = (max(len(part[side]) for part in parts) for side in (0, 1))
    return [left.rjust(before) + right.ljust(after) for left, right in parts]


def _split(cell: str) -> tuple[str, str]:
    whole = re.match(r"[^.eE%s ]*", cell)
    end = whole.end() if whole else len(cell)
    return cell[:end], cell[end:]


def aligned_table(table: Table) -> tuple[tuple[bool, ...], list[tuple[str, ...]]]:
    """(which columns are numeric, the rows with these columns padded)."""
    columns = [[row[index] for row in table.rows] for index in range(len(table.columns))]
    numeric = tuple(is_numeric(cells) for cells in columns)
    return numeric, list(zip(*(aligned(cells) for cells in columns), strict=True))
