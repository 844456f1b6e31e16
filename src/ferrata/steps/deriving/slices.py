"""What is known while the statements are gone through, and their text for one row."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from ferrata.records.current import CurrentCode
from ferrata.records.derivation import Fact, Facts, Lags, Obstacle, Unit
from ferrata.records.observation import Trace
from ferrata.records.plan import Plan
from ferrata.source.edits import apply_edits
from ferrata.steps.deriving.images.readings import ASKED, Readings
from ferrata.steps.deriving.rewriting import Registry, Rewriter

OURS = frozenset({  # what predict.py itself has
    "rows", "state", "np", "pd", "ahead", "in_order", "windows_of", "asked", "apart", "side_by_side", "complete", ASKED,
})


@dataclass
class Slice:
    """What is known while the statements are gone through from the last to the first."""

    code: CurrentCode
    plan: Plan
    traces: Mapping[int, Trace]
    facts: Facts
    root: Fact
    registry: Registry
    readings: Readings
    lags: Lags | None = None
    units: list[Unit] = field(default_factory=list)
    needed: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    left: list[Obstacle] = field(default_factory=list)


def registry_of(code: CurrentCode, traces: Mapping[int, Trace]) -> Registry:
    """With the author's names and ours taken."""
    return Registry(frozenset(name for index in traces for name in traces[index].binds) | OURS)


def rewriter_of(found: Slice, index: int, source: str) -> Rewriter:
    return Rewriter(index, source, found.facts, found.registry, found.root.number, found.readings, is_in_order=found.lags is not None)


def rewritten(found: Slice, index: int, source: str) -> str:
    rewriter = rewriter_of(found, index, source)
    return found.readings.without_dropped(apply_edits(source, rewriter.edits(ast.parse(source))))
