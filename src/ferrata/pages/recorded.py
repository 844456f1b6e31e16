"""Scores that the pipeline records and no row is kept of: another model's, or one that is no score of rows. They are told without an interval."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ferrata.pages.numbers import number, signed
from ferrata.records.evidence import Compared
from ferrata.records.page import Section, Table, Text

_SAME = 1e-9
_MOST = 12


def moved(compared: Compared) -> tuple[tuple[str, float, float], ...]:
    """(name, before, after) of each score that both versions recorded, that moved, and that is none of those compared row by row."""
    first, second = compared.first.metrics, compared.second.metrics
    told = [(each.first, each.second) for each in compared.judged]
    pairs = [(name, value, second[name]) for name, value in first.items() if name in second and value != second[name]]
    return tuple(pair for pair in pairs if all(map(math.isfinite, pair[1:])) and not any(_is(pair[1:], judged) for judged in told))


def recorded_scores(compared: Compared) -> Iterator[Section]:
    found = moved(compared)
    if not found:
        return
    names = (compared.first.version.name, compared.second.version.name)
    rows = tuple((name, number(one), number(other), signed(other - one)) for name, one, other in found[:_MOST])
    more = f" {len(found) - _MOST} more are in the JSON." if len(found) > _MOST else ""
    said = Text(f"No predictions are kept row by row of these, so there is no interval, and no verdict.{more}", "faint")
    yield Section("Other scores that moved", (Table(("score", *names, "difference"), rows), said))


def _is(pair: tuple[float, ...], judged: tuple[float, float]) -> bool:
    return all(abs(one - other) <= _SAME * max(1.0, abs(other)) for one, other in zip(pair, judged, strict=True))
