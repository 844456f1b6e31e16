"""Statements that bind names nothing reads, and show nothing.

They cost the reader time and the run sometimes minutes; now and then one of them is a step the author believes to be in effect.

Bad:

    df.dropna()                            # gives a new table that nobody keeps
    scaled = scaler.transform(X)           # X is used below, scaled never

Good:

    df = df.dropna()
    X = scaler.transform(X)

Certain: `likely`; one finding names them all. Imports, definitions, plots, prints, files and settings are never counted.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from ferrata.records.amount import counted
from ferrata.records.finding import Finding
from ferrata.records.observation import Trace
from ferrata.steps.analysing.findings.context import FindingContext, listed

CODE = "F306"
NAME = "dead-code"


def find(context: FindingContext) -> Iterable[Finding]:
    if not context.observation.finished:
        return
    dead = [trace for trace in context.traces if _is_dead(context, trace)]
    if not dead:
        return
    where = context.place(dead[0].index)
    names = [f"`{', '.join(trace.binds)}` (cell {context.place(trace.index).cell})" for trace in dead]
    bind = "binds a name" if len(dead) == 1 else "bind names"
    yield Finding(
        CODE, NAME, where.cell, where.line, what=f"{counted(len(dead), 'statement')} {bind} that nothing reads: {listed(names, 5)}.",
        why="They are in no result; if one was meant to be, its effect is missing.",
        todo=f"Remove {'it' if len(dead) == 1 else 'them'}, or use the name where you meant to.", certain="likely",
    )


def _is_dead(context: FindingContext, trace: Trace) -> bool:
    """It bound plain names, each unread until it is bound again, and did nothing else that anyone could notice."""
    did_more = trace.mutates or trace.deletes or trace.draws or trace.printed or trace.displayed or trace.files_written or trace.state or trace.seeds
    if did_more or not trace.binds or not trace.complete or not _is_assignment(context, trace) or all(name.startswith("_") for name in trace.binds):
        return False
    if any(call.kind in ("save", "score", "split", "fit") for call in trace.calls):
        return False
    return not any(_is_needed(context, trace, name) for name in trace.binds)


def _is_assignment(context: FindingContext, trace: Trace) -> bool:
    body = context.tree(trace.index).body
    return len(body) == 1 and isinstance(body[0], ast.Assign) and all(isinstance(target, ast.Name) for target in body[0].targets)


def _is_needed(context: FindingContext, trace: Trace, name: str) -> bool:
    """By the observed flow, or by any text below that mentions the name (in a function never called, say)."""
    if any(edge.source == trace.index and edge.name == name for edge in context.dependencies):
        return True
    word = re.compile(rf"\b{re.escape(name)}\b")
    for other in context.traces:
        if other.index > trace.index:
            if word.search(context.sources.get(other.index, "")) and name not in other.binds:
                return True
            if name in other.binds:
                return name in other.reads
    return False
