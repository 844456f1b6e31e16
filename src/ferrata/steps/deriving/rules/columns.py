"""Columns taken by place or by type are named; columns that are dropped need not be there (the target never is)."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, literal

_BY_PLACE = frozenset({"iloc", "loc"})
_BY_TYPE = frozenset({"select_dtypes", "_get_numeric_data", "dropna", "filter"})


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if isinstance(node, ast.Call) and fact.call == "drop" and _drops_columns(node):
        return _tolerant(rewriter, node)
    if fact.kind != "columns":
        return None
    by_place = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr in _BY_PLACE
    if by_place or fact.call in _BY_TYPE:
        source = rewriter.inner(node, fact.source)
        if source is not None:
            return rewriter.replaced(node, f"{rewriter.text(source)}[{literal(fact.details['columns'])}]")
    return None


def _drops_columns(node: ast.Call) -> bool:
    named = {k.arg: k.value for k in node.keywords}
    axis = named.get("axis") or (node.args[1] if len(node.args) > 1 else None)
    is_second = isinstance(axis, ast.Constant) and axis.value in (1, "columns")
    return ("columns" in named or is_second) and "errors" not in named


def _tolerant(rewriter: Rewriter, node: ast.Call) -> list[Edit]:
    _, end = node_span(rewriter.table, node)
    inside = [edit for child in ast.iter_child_nodes(node) for edit in rewriter.edits(child)]
    before = rewriter.source[: end - 1].rstrip()
    return [*inside, (end - 1, end - 1, ' errors="ignore"' if before.endswith(",") else ', errors="ignore"')]
