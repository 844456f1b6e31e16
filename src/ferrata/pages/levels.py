"""How a proof's levels, and single values, read: always a word, and a sign and a colour beside it."""

from __future__ import annotations

from typing import Any

from ferrata.records.proof import Level

LONGEST_VALUE = 44

_SIGNS = {
    Level.IDENTICAL: ("✓", "good"),
    Level.EQUAL: ("≈", "good"),
    Level.WITHIN_NOISE: ("~", "warn"),
    Level.DIFFERENT: ("✗", "bad"),
    Level.NOT_COMPARABLE: ("?", "warn"),
}


def level_words(level: Level) -> str:
    return f"{_SIGNS[level][0]} {level.value}"


def level_style(level: Level) -> str:
    return _SIGNS[level][1]


def value_words(value: Any) -> str:
    """Every digit of a number; the beginning of anything long."""
    if value is None:
        return "–"
    text = repr(value) if isinstance(value, (int, float, list, tuple, dict, bool)) else str(value)
    first, *more = text.strip().splitlines() or [""]
    return first if not more and len(first) <= LONGEST_VALUE else first[: LONGEST_VALUE - 2] + " …"


def difference_words(difference: float | None) -> str:
    return "–" if difference is None else "0" if difference == 0 else f"{difference:.2g}"
