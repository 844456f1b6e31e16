"""Which rows went where: splits, what was learned before them, what was scored after them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.dataflow import graph
from ferrata.dataflow.sites import holder
from ferrata.records.analysis import Dependency
from ferrata.steps.analysing.findings.context import FindingContext, Step, parsed

_CROSS_VALIDATION = ("cross_val", "cross_validate")


def data_edges(context: FindingContext) -> list[Dependency]:
    """Dependencies that carry data: a shared random generator or figure is not data."""
    return [edge for edge in context.dependencies if not edge.name.startswith("<") or edge.name.startswith("<file")]


def is_cross_validation(step: Step) -> bool:
    return any(word in step.call.function for word in _CROSS_VALIDATION)


def test_splits(context: FindingContext) -> list[Step]:
    """Calls after which some rows are only tested on: splits whose parts are scored later, and cross-validations."""
    edges = data_edges(context)
    splits = [step for step in context.steps("split") if _is_scored(context, step, edges)]
    return splits + [step for step in context.steps("score") if is_cross_validation(step)]


def _is_scored(context: FindingContext, split: Step, edges: list[Dependency]) -> bool:
    return bool(_tests_of(context, split, edges))


def _tests_of(context: FindingContext, split: Step, edges: list[Dependency]) -> set[int]:
    """Statements that predict or score with what the split gave."""
    later = graph.after([split.trace.index], edges)
    return {step.trace.index for step in context.steps("predict", "score") if step.trace.index in later}


def upstream(context: FindingContext, step: Step) -> frozenset[int]:
    """Every statement that the data arguments of the call depend on."""
    edges = data_edges(context)
    names = input_names(context, step)
    sources = {edge.source for edge in edges if edge.target == step.trace.index and (not names or edge.name in names)}
    return graph.before(sources, edges)


def input_names(context: FindingContext, step: Step) -> set[str]:
    """Global names in the arguments of the call; empty when they can't be told (the call stands in the author's function)."""
    if holder(step.trace, step.call) != step.trace.index:
        return set()
    site = step.call.site
    for node in ast.walk(context.tree(step.trace.index)):
        if isinstance(node, ast.Call) and (node.lineno, node.col_offset, node.end_col_offset) == (site.line, site.column, site.end_column):
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
            return {name.id for part in parts for name in ast.walk(part) if isinstance(name, ast.Name)}
    return {name for name in step.call.argument_names.values() if name.isidentifier()}


def learned_before(context: FindingContext, learned: Step, split: Step) -> bool:
    """Whether the call learned from rows that the split then gave away for testing, and what it learned reaches these tests."""
    if learned.trace.index == split.trace.index:
        return bool(learned.call.result) and learned.call.result in split.call.arguments.values()
    if is_behind_a_split(context, learned):
        return False
    if learned.trace.index in upstream(context, split):
        return True
    return _same_data(learned, split) and _reaches_test(context, learned, split)


def _same_data(learned: Step, split: Step) -> bool:
    first = next((learned.call.arguments[key] for key in ("0", "X", "raw_documents") if key in learned.call.arguments), "")
    return bool(first) and first in split.call.arguments.values()


def _reaches_test(context: FindingContext, learned: Step, split: Step) -> bool:
    edges = data_edges(context)
    return learned.trace.index in graph.before(_tests_of(context, split, edges), edges)


def is_behind_a_split(context: FindingContext, step: Step) -> bool:
    """True when the data of the call is itself one part of an earlier split."""
    needed = upstream(context, step)
    return any(split.trace.index in needed for split in context.steps("split"))


def targets(context: FindingContext, token: str) -> bool:
    """True when the object is the `y` of a split or a fit."""
    uses = [step.call for step in context.steps("split", "fit")]
    return any(call.arguments.get(key) == token for call in uses for key in ("1", "y"))


def target_names(context: FindingContext) -> set[str]:
    """Columns that `y` was taken from, by the text of the statements that bound the names given as `y`."""
    names = {step.call.argument_names[key] for step in context.steps("split", "fit") for key in ("1", "y") if key in step.call.argument_names}
    return {column for trace in context.traces if names & set(trace.binds) for column in _selected(context.sources.get(trace.index, ""), names)}


def _selected(source: str, names: set[str]) -> Iterator[str]:
    """The one column that a statement such as `y = df["price"]` or `y = df.price` takes."""
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id in names for target in node.targets):
            column = column_of(node.value)
            if column:
                yield column


def column_of(node: ast.expr) -> str:
    """`price` of `df["price"]`, `df.price`, `df[["price"]]`, `df["price"].values`; "" for anything else."""
    if isinstance(node, ast.Attribute) and node.attr in ("values", "T"):
        return column_of(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return column_of(node.func.value)
    if isinstance(node, ast.Subscript):
        key = node.slice.elts[0] if isinstance(node.slice, ast.List) and len(node.slice.elts) == 1 else node.slice
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
    return node.attr if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else ""
