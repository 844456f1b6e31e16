"""Data flow between statements, as observed.

A statement's node says which names it needs and which it leaves changed. Process state counts as names in angle brackets: "<random numpy>" is
the global generator (drawing from it reads and writes it, seeding only writes), "<file data.csv>" a file that an earlier statement wrote.
A name that was changed in place is read and written; when the change shows in aliases too, all of them are written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from ferrata.records.analysis import Dependency
from ferrata.records.observation import Trace

# State that can't change a number: what is drawn, how things are shown.
_SHOWN_ONLY = frozenset({"pyplot", "pyplot.style", "warnings", "numpy.printoptions"})


def reads(trace: Trace, written_files: Collection[str] = ()) -> frozenset[str]:
    files = {f"<file {path}>" for path in trace.files_read if path in written_files}
    files |= {"<cwd>"} if trace.files_read or trace.files_written else set()
    return frozenset({*trace.reads, *trace.mutates, *(f"<random {s}>" for s in trace.consumes)} | files)


def writes(trace: Trace) -> frozenset[str]:
    return frozenset(
        {*trace.binds, *trace.mutates, *trace.deletes}
        | {f"<random {stream}>" for stream in (*trace.consumes, *trace.seeds)}
        | {f"<file {path}>" for path in trace.files_written}
        | {f"<{state}>" for state in trace.state if state not in _SHOWN_ONLY}
    )


def dependencies(traces: Sequence[Trace], assumed: Iterable[tuple[int, str]] = ()) -> tuple[Dependency, ...]:
    """Edges from the last statement that wrote a name to each one that needs it, in the order they ran.

    `assumed` are (statement, name) changes that the text makes likely and the observation could not check (sampled fingerprints).
    """
    guessed: dict[int, set[str]] = defaultdict(set)
    for index, name in assumed:
        guessed[index].add(name)
    last: dict[str, tuple[int, str]] = {}
    written: set[str] = set()
    found: list[Dependency] = []
    for trace in traces:
        needs = reads(trace, written) | guessed[trace.index]
        found += [Dependency(last[name][0], trace.index, name, last[name][1]) for name in sorted(needs) if name in last]
        last.update(dict.fromkeys(writes(trace), (trace.index, "known")))
        last.update(dict.fromkeys(guessed[trace.index], (trace.index, "assumed")))
        written |= set(trace.files_written)
    return tuple(found)


def before(targets: Iterable[int], edges: Iterable[Dependency]) -> frozenset[int]:
    """The targets and every statement they need, directly or not."""
    by_target: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        by_target[edge.target].add(edge.source)
    return _reach(targets, by_target)


def after(sources: Iterable[int], edges: Iterable[Dependency]) -> frozenset[int]:
    """The sources and every statement that needs them, directly or not."""
    by_source: dict[int, set[int]] = defaultdict(set)
    for edge in edges:
        by_source[edge.source].add(edge.target)
    return _reach(sources, by_source)


def _reach(start: Iterable[int], following: dict[int, set[int]]) -> frozenset[int]:
    seen: set[int] = set()
    todo = list(start)
    while todo:
        index = todo.pop()
        if index not in seen:
            seen.add(index)
            todo += following.get(index, ())
    return frozenset(seen)
