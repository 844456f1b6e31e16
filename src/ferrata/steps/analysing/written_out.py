"""A model that no object holds: `y_hat = predict(x_test, w, b)`, or `X_test @ theta`, with numbers that a loop or a formula of the author's has learned.

It is looked for only where nothing else is fitted. What tells it: a name for what is predicted (a function called so, or the name that its values get),
one value for each of several rows, made of something that depends on the data and has not as many rows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence

from ferrata.dataflow.definitions import is_definition, is_import
from ferrata.dataflow.graph import before
from ferrata.records.analysis import Dependency, Model
from ferrata.records.observation import Trace, Value

KIND = "arithmetic"
_PREDICTED = re.compile(r"(^|_)(y_?preds?|preds?|predicted|predictions?|y_hat|yhat|forecasts?)(_|\d|$)", re.IGNORECASE)
_ASKED = re.compile(r"predict|hypothes|classify|forward", re.IGNORECASE)
_ARRAYS = ("Series", "ndarray", "Tensor", "list", "DataFrame")


def find_written_out(traces: Sequence[Trace], sources: Mapping[int, str], edges: Sequence[Dependency]) -> Model | None:
    """The last one that the notebook predicts with; None where there is none."""
    found = None
    loads = {trace.index for trace in traces if any(call.kind == "load" for call in trace.calls)}
    values: dict[str, Value] = {}
    writers: dict[str, int] = {}
    for trace in traces:
        word = _predicts(sources[trace.index], trace)
        if word:
            learned = _learned(trace, sources, values, writers, loads, edges)
            found = _model(trace, word, learned) if learned else found
        values.update({value.name: value for value in trace.values})
        writers.update(dict.fromkeys((*trace.binds, *trace.mutates), trace.index))
    return found


def _model(trace: Trace, word: str, learned: Collection[int]) -> Model:
    (name,) = trace.binds
    return Model(f"<{name}>", "", word, KIND, tuple(sorted(learned)), answer=name, answered_at=trace.index)


def _predicts(source: str, trace: Trace) -> str:
    """The author's word for what predicts, or for what is predicted, where the statement gives one value for each of several rows; else ""."""
    body = ast.parse(source).body
    node = body[0] if len(body) == 1 else None
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name) or len(trace.binds) != 1:
        return ""
    rows = _rows(next((value for value in trace.values if value.name == node.targets[0].id), None))
    called = next((each.func.id for each in ast.walk(node.value) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)), "")
    if rows < 2:
        return ""
    if called in trace.reads and _ASKED.search(called):
        return called
    return node.targets[0].id if _PREDICTED.search(node.targets[0].id) else ""


def _learned(
    trace: Trace, sources: Mapping[int, str], values: Mapping[str, Value], writers: Mapping[str, int], loads: Collection[int], edges: Sequence[Dependency]
) -> set[int]:
    """The statements that made what it is made of besides rows: what depends on data and has fewer rows. A count is not learned."""
    rows = _rows(next((value for value in trace.values if value.name in trace.binds), None))
    found = set()
    for name in trace.reads:
        at, value = writers.get(name, -1), values.get(name)
        if at < 0 or at in loads or value is None or is_import(sources[at]) or is_definition(sources[at]):
            continue
        if _rows(value) < rows and value.type != "builtins.int" and before([at], edges) & set(loads):
            found.add(at)
    return found


def _rows(value: Value | None) -> int:
    """How many; 0 for what is no array."""
    if value is None or not value.type.endswith(_ARRAYS):
        return 0
    shape = value.summary.get("shape")
    return int(shape[0]) if shape else int(value.summary.get("length") or 0)
