"""Rows that come from no file: the author wrote them down, or drew them at random, in the notebook itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from ferrata.dataflow.definitions import is_import
from ferrata.records.derivation import Obstacle
from ferrata.records.observation import Trace
from ferrata.records.plan import Plan
from ferrata.source.names import statement_names
from ferrata.steps.deriving.follow import order_of

_READING = ("load", "fetch_", "read", "open", "urlopen", "get_rdataset", "genfromtxt", "fromfile")


def made_in_the_notebook(plan: Plan, traces: Mapping[int, Trace], sources: Mapping[int, str]) -> Obstacle | None:
    """The statement that made the rows which the model is asked about, where nothing that they come of was read; None where something was, or may have been."""
    assert plan.predictions is not None
    model = {plan.model.name} if plan.model is not None else set()
    rows = sorted(statement_names(plan.predictions.prediction).reads - model)
    order = order_of(plan)
    made = _makers(set(rows), order, traces)
    makers = {name: index for index in order for name in traces[index].binds if name in rows and not is_import(sources[index])}
    if not makers or any(_may_read(traces[index], sources[index]) for index in made):
        return None
    name = max(makers, key=lambda each: makers[each])
    return Obstacle(makers[name], f"`{name}` is made in the notebook itself: nothing that it comes of was read from a file")


def _may_read(trace: Trace, source: str) -> bool:
    """Whether a file was opened, also one of a library: its data sets are files too."""
    called = {name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) for name in ast.unparse(node.func).split(".")}
    return bool(trace.files_read or trace.network) or not trace.complete or any(name.startswith(_READING) for name in called)


def _makers(needed: set[str], order: tuple[int, ...], traces: Mapping[int, Trace]) -> list[int]:
    """The statements that gave these names what they hold, and all that those read."""
    found = []
    for index in reversed(order):
        trace = traces[index]
        if needed & {*trace.binds, *trace.mutates}:
            found.append(index)
            needed = (needed - set(trace.binds)) | set(trace.reads)
    return found
