"""`sm.add_constant(X)` leaves the constant out where a column seems constant, as in a single row every column does → it is always added."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.call != "add_constant" or fact.kind not in ("rows", "columns") or not isinstance(node, ast.Call) or not node.args:
        return None
    source = rewriter.fact(node.args[0])
    if fact.details.get("width") and source is not None and source.details.get("width") == fact.details["width"]:
        return rewriter.replaced(node, rewriter.text(node.args[0]))  # the author's table had a constant of its own
    if any(k.arg == "has_constant" for k in node.keywords):
        return None
    _, end = node_span(rewriter.table, node)
    inside = [edit for child in ast.iter_child_nodes(node) for edit in rewriter.edits(child)]
    return [*inside, (end - 1, end - 1, ', has_constant="add"')]
