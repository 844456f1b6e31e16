"""Expected, obtained, and how they compare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Level(str, Enum):
    """How an obtained value compares with the expected one, best first."""

    IDENTICAL = "identical"
    EQUAL = "equal"
    WITHIN_NOISE = "within noise"
    DIFFERENT = "different"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Comparison:
    """One value. `bound` is the relative difference that `equal` allows, `difference` the largest one found; `why` for what is not comparable."""

    name: str
    expected: Any
    obtained: Any
    level: Level
    difference: float | None = None
    bound: float | None = None
    why: str = ""


@dataclass(frozen=True)
class RowComparison:
    """Per-row predictions: `rows` compared, `same` of them identical, the first rows that differ."""

    name: str
    rows: int
    same: int
    level: Level
    first_different: tuple[int, ...] = ()
    largest_difference: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Proof:
    """`subject` says what was compared with what; `level` is the worst of all comparisons, NOT_COMPARABLE when nothing was compared."""

    subject: str
    level: Level
    scores: tuple[Comparison, ...] = ()
    predictions: tuple[RowComparison, ...] = ()
    variables: tuple[Comparison, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
