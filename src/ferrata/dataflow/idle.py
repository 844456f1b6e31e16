"""Changes of a table that changed nothing on the author's data: gaps that are filled where there are none, values that are capped where none is beyond.

What a statement did is known from the observation, by content. Such a statement did nothing, but other rows may have the gap: for what the author's code makes
of them it counts, and so it is kept, in the pipeline as in the prediction function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ferrata.records.observation import Trace
from ferrata.source.names import root_name, statement_names

_TABLES = (".DataFrame", ".Series")
_LABELS = frozenset({"columns", "index", "name"})  # what a table is called by, not what stands in it


def with_idle_changes(traces: Iterable[Trace], sources: Mapping[int, str]) -> tuple[Trace, ...]:
    """The same traces, where `mutates` has the tables too that a statement's text changes and whose content stayed the same."""
    types: dict[str, str] = {}
    found = []
    for trace in traces:
        idle = _idle(trace, sources[trace.index], types) if trace.complete else ()
        found.append(replace(trace, mutates=(*trace.mutates, *idle), idle=idle) if idle else trace)
        types.update({value.name: value.type for value in trace.values})
    return tuple(found)


def is_idle(trace: Trace) -> bool:
    """Whether all that the statement changes stayed the same; the variable of a loop does not count."""
    return bool(trace.idle) and set(trace.mutates) == set(trace.idle)


def _idle(trace: Trace, source: str, types: Mapping[str, str]) -> tuple[str, ...]:
    tables = {name for name in trace.reads if types.get(name, "").endswith(_TABLES)} - {*trace.binds, *trace.mutates, *trace.deletes}
    if not tables:
        return ()
    return tuple(sorted((tables & statement_names(source).mutates) - _relabelled(source)))


def _relabelled(source: str) -> set[str]:
    """`df.columns = df.columns.str.strip()`: names of tables of which only the labels are set."""
    targets = [target for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assign) for target in node.targets]
    return {root_name(target) for target in targets if isinstance(target, ast.Attribute) and target.attr in _LABELS}
