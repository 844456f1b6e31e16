"""Notebooks and their records by hand, for tests of planning and writing: the names of a statement follow from its text, what it did from a table."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.records.current import CurrentCode
from ferrata.records.notebook import Cell, Notebook, Statement
from ferrata.records.observation import Call, Number, Observation, Site, Trace, Value
from ferrata.source.names import Names, statement_names

Did = Mapping[str, Mapping[str, Any]]


def code(*cells: str, headings: Mapping[int, str] | None = None) -> CurrentCode:
    """A notebook of these cells, as it ran."""
    made: list[Cell] = []
    for number, source in enumerate(cells, 1):
        first = sum(len(cell.statements) for cell in made)
        made.append(Cell(number, source, source, _statements(source, number, first), heading=(headings or {}).get(number, "")))
    notebook = Notebook(Path("sales.ipynb"), "0", tuple(made))
    return CurrentCode(notebook, {statement.index: statement.source for statement in notebook.statements})


def _statements(source: str, cell: int, first: int) -> tuple[Statement, ...]:
    lines = source.split("\n")
    found = []
    for index, node in enumerate(ast.parse(source).body, first):
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        above = start - 1
        while above and lines[above - 1].startswith("#"):
            above -= 1
        end = node.end_lineno or start
        found.append(Statement(index, cell, start, end, "\n".join(lines[start - 1 : end]), "\n".join(lines[above : start - 1])))
    return tuple(found)


def site(source: str, text: str) -> Site:
    """The span of the expression with this text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.expr) and ast.get_source_segment(source, node) == text:
            return Site(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
    raise LookupError(f"{text!r} is no expression of {source!r}")


def observed(book: CurrentCode, did: Did | None = None, *, seed: int | None = 0, folder: Path = Path(".")) -> Observation:
    """`did` maps the start of a statement's text to what else it did: fields of Trace, or one of

    `fit`, `score`, `predict`: the text of the call (then `model` is the name of the receiver), `value`: what the score was.
    """
    seen: dict[str, Names] = {}
    traces = []
    for statement in book.notebook.statements:
        source = book.sources[statement.index]
        extra = next((dict(more) for start, more in (did or {}).items() if source.startswith(start)), {})
        traces.append(_trace(statement.index, source, extra, seen))
    return Observation(tuple(traces), True, folder, seed=seed)


def _trace(index: int, source: str, extra: dict[str, Any], seen: dict[str, Names]) -> Trace:
    names = statement_names(source)
    reads = _through_helpers(names.reads, seen) if not names.is_definition else set()
    for name in names.binds:
        seen[name] = names
    model = extra.pop("model", "")
    calls = [_call(kind, source, text, model) for kind in ("fit", "predict", "score") if (text := extra.pop(kind, None))]
    numbers = tuple(Number(call.site, extra.pop("value", 0.5), "score") for call in calls if call.kind == "score")
    values = tuple(Value(name, "", name, name) for name in sorted(names.binds))
    fields: dict[str, Any] = {
        "reads": tuple(sorted(reads)), "binds": tuple(sorted(names.binds)), "mutates": tuple(sorted(names.mutates)), "values": values,
        "calls": tuple(calls), "numbers": numbers, **extra,
    }
    return Trace(index, **fields)


def _through_helpers(reads: Iterable[str], seen: Mapping[str, Names]) -> set[str]:
    """Calling a helper reads what the helper reads."""
    found: set[str] = set()
    todo = [name for name in reads if name in seen]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other for other in seen[name].deferred_reads if other in seen]
    return found


def _call(kind: str, source: str, text: str, model: str) -> Call:
    function = "sklearn.metrics.accuracy_score" if kind == "score" else f"author.Model.{kind}"
    receiver = {"receiver": model, "receiver_name": model, "receiver_type": "author.Model", "model": "classifier"} if kind != "score" else {}
    return Call(kind, function, site(source, text), **receiver, result=f"result of {text}" if kind == "predict" else "")


def by_index(observation: Observation) -> dict[int, Trace]:
    return {trace.index: trace for trace in observation.traces}


def indices(book: CurrentCode, *starts: str) -> tuple[int, ...]:
    """Of the statements that start with these texts."""
    return tuple(next(i for i, source in book.sources.items() if source.startswith(start)) for start in starts)


def texts(book: CurrentCode, found: Sequence[int]) -> list[str]:
    """First lines, to say in an assertion which statements are meant."""
    return [book.sources[index].split("\n")[0] for index in found]
