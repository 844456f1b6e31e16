"""The numbers a notebook computes about its models.

A score is an expression (a site) and the values it took: the result of every metric call, and every other number that is printed, displayed or bound
and depends on a fitted model. An expression that merely formats a metric call (`round(accuracy_score(...) * 100, 2)`) is not a second score.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ferrata.dataflow.sites import contains, holder, metric_name, segment
from ferrata.records.analysis import Score
from ferrata.records.observation import Call, Number, Site, Trace

_CLOCK = re.compile(r"\btime\s*\(\)|perf_counter|process_time|monotonic\(|datetime\.(now|today|utcnow)|default_timer|\btime\.ctime|\bnow\(\)")


_SUMMED = "<summed>"
_FORMATTERS = frozenset({"round", "float", "int", "str", "format", "abs"})


class _Place(NamedTuple):
    statement: int
    site: Site


def find_scores(traces: Sequence[Trace], sources: Mapping[int, str], fitted: Collection[int], learning: Collection[int] = ()) -> tuple[Score, ...]:
    """Every score in the order it was first computed; several may have one name. `learning`: statements that bind what a model of the author's learns."""
    calls = {_place(trace, call): call for trace in traces for call in trace.calls if call.kind == "score"}
    kept = _occurrences(traces, sources, fitted, calls, learning)
    scores = []
    for place, found in kept.items():
        call = calls.get(place)
        scores.append(_score(_name(place, found[0][1], call, traces, sources), place, found, call))
    return tuple(scores)


def _score(name: str, place: _Place, found: list[tuple[int, Number]], call: Call | None) -> Score:
    values = tuple(number.value for _, number in found)
    return Score(
        name=name, statement=place.statement, site=place.site, runs=tuple(run for run, _ in found), values=values, role=found[0][1].role,
        function=call.function if call else "", model=call.receiver if call else "", is_structured=not all(isinstance(v, (int, float)) for v in values),
    )


def _occurrences(
    traces: Sequence[Trace], sources: Mapping[int, str], fitted: Collection[int], calls: Mapping[_Place, Call], learning: Collection[int]
) -> dict[_Place, list[tuple[int, Number]]]:
    found: dict[_Place, list[tuple[int, Number]]] = {}
    around: dict[_Place, list[tuple[int, Number]]] = {}
    clocks = clock_names(traces, sources)
    for trace in traces:
        for number in trace.numbers:
            place = _place(trace, number)
            if number.role == "score" and number.value is not None and _is_about_predictions(calls.get(place), trace, fitted):
                found.setdefault(place, []).append((trace.index, number))
            elif number.role != "score" and _is_result(number.value, number.role) and not _mentions(segment(sources[place.statement], place.site), clocks):
                if _holds_score(place, calls):
                    around.setdefault(place, []).append((trace.index, number))
                elif trace.index in fitted and not (number.role == "assigned" and (trace.index in learning or _is_method(place, sources))):
                    found.setdefault(place, []).append((trace.index, number))
    return _without_repeats(_summed_up(found, around), sources)


def _summed_up(found: dict[_Place, list[tuple[int, Number]]], around: Mapping[_Place, list[tuple[int, Number]]]) -> dict[_Place, list[tuple[int, Number]]]:
    """`cross_val_score(…).mean()`: the number that the author makes of a list of scores is the score."""
    result = dict(found)
    for place, hits in around.items():
        inside = [other for other in result if other.statement == place.statement and contains(place.site, other.site)]
        if len(inside) == 1 and all(isinstance(number.value, list) for _, number in result[inside[0]]) and all(isinstance(n.value, float) for _, n in hits):
            hits = [(run, replace(number, name=number.name or _SUMMED)) for run, number in hits]
            result = {place if other == inside[0] else other: hits if other == inside[0] else kept for other, kept in result.items()}
    return result


def _is_about_predictions(call: Call | None, trace: Trace, fitted: Collection[int]) -> bool:
    """A metric of two columns before any model is exploration, unless a model is fitted inside the call (cross-validation)."""
    return call is None or trace.index in fitted or "cross_val" in call.function or "silhouette" in call.function


def _is_method(place: _Place, sources: Mapping[int, str]) -> bool:
    """What a method of the author's class keeps to itself, such as a gradient, is nothing that the notebook shows."""
    return isinstance(ast.parse(sources[place.statement]).body[0], ast.ClassDef)


def _is_result(value: Any, role: str) -> bool:
    """Counts and flags are not results; a bound or shown float is, and so are a list of floats and a table of numbers (a confusion matrix) that are shown."""
    if isinstance(value, float):
        return True
    if role != "assigned" and isinstance(value, list) and len(value) > 1 and all(isinstance(row, list) and row for row in value):
        return all(isinstance(item, (int, float)) for row in value for item in row)
    return role != "assigned" and isinstance(value, list) and bool(value) and all(_is_result(item, role) for item in value)


def _without_repeats(found: dict[_Place, list[tuple[int, Number]]], sources: Mapping[int, str]) -> dict[_Place, list[tuple[int, Number]]]:
    """Drop what only shows or formats (`round(acc, 2)`, `acc * 100`) numbers that were kept where they were bound."""
    kept = {place: hits[0][1] for place, hits in found.items() if hits[0][1].role in ("assigned", "score")}
    bound = {number.name or _bound_to(sources[place.statement], place.site) for place, number in kept.items()} - {""}
    return {
        place: hits for place, hits in found.items()
        if place in kept or not _only_formats(segment(sources[place.statement], place.site), bound)
    }


def _only_formats(text: str, bound: Collection[str]) -> bool:
    """An expression of bound scores and constants alone; a ratio or difference of two of them is a number of its own."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - _FORMATTERS
    return len(names) == 1 and names <= set(bound) and not any(isinstance(node, (ast.Attribute, ast.Subscript)) for node in ast.walk(tree))


def _holds_score(place: _Place, calls: Iterable[_Place]) -> bool:
    return any(other.statement == place.statement and contains(place.site, other.site) for other in calls)


def clock_names(traces: Sequence[Trace], sources: Mapping[int, str]) -> set[str]:
    """Names that hold a reading of the clock or a number computed from one."""
    names: set[str] = set()
    for trace in traces:
        text = sources.get(trace.index, "")
        if _CLOCK.search(text) and len(trace.binds) <= 2 and not trace.calls:
            names |= set(trace.binds)
        elif names & set(trace.reads) and not trace.calls and text.count("\n") == 0:
            names |= set(trace.binds)
    return names


def _mentions(text: str, names: Collection[str]) -> bool:
    return bool(_CLOCK.search(text)) or bool(set(names) & set(re.findall(r"[^\W\d]\w*", text)))


def _place(trace: Trace, item: Call | Number) -> _Place:
    return _Place(holder(trace, item), item.site)


def _name(place: _Place, number: Number, call: Call | None, traces: Sequence[Trace], sources: Mapping[int, str]) -> str:
    """The author's own name where the number has one, else the metric's, else the text of the expression."""
    if number.name and number.name != _SUMMED:
        return number.name
    bound = _bound_to(sources[place.statement], place.site)
    if bound:
        return bound
    if call:
        metric = metric_name(call.function)
        return f"{call.receiver_name}_{metric}" if call.receiver_name.isidentifier() else metric
    text = segment(sources[place.statement], place.site)
    if number.name == _SUMMED:
        return re.sub(r"\W+", "_", text.partition("(")[0]).strip("_")[:40] or "score"
    return re.sub(r"\W+", "_", text).strip("_").lower()[:40] or "value"


def _bound_to(source: str, site: Site) -> str:
    """The plain name that a whole right-hand side at this site is bound to."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            if (value.lineno, value.col_offset, value.end_lineno, value.end_col_offset) == (site.line, site.column, site.end_line, site.end_column):
                return node.targets[0].id
    return ""
