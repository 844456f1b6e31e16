"""Changes of a table that changed nothing on the author's data: gaps that are filled where there are none, values that are capped where none is beyond.

What a statement did is known from the observation, by content. Such a statement did nothing, but other rows may have the gap: for what the author's code makes
of them it counts, and so it is kept, in the pipeline as in the prediction function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from ferrata.records.observation import Trace

_TABLES = (".DataFrame", ".Series")


def with_idle_changes(traces: Iterable[Trace], changed: Callable[[int], Collection[str]]) -> tuple[Trace, ...]:
    """The same traces, where `mutates` has the tables too that a statement's text changes (`changed`, by its index) and whose content stayed the same."""
    types: dict[str, str] = {}
    found = []
    for trace in traces:
        idle = _idle(trace, changed, types) if trace.complete else ()
        found.append(replace(trace, mutates=(*trace.mutates, *idle), idle=idle) if idle else trace)
        types.update({value.name: value.type for value in trace.values})
    return tuple(found)


def is_idle(trace: Trace) -> bool:
    """Whether all that the statement changes stayed the same; the variable of a loop does not count."""
    return bool(trace.idle) and set(trace.mutates) == set(trace.idle)


def _idle(trace: Trace, changed: Callable[[int], Collection[str]], types: Mapping[str, str]) -> tuple[str, ...]:
    tables = {name for name in trace.reads if types.get(name, "").endswith(_TABLES)} - {*trace.binds, *trace.mutates, *trace.deletes}
    return tuple(sorted(tables & set(changed(trace.index)))) if tables else ()
