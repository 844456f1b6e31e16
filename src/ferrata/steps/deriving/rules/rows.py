"""What leaves out, adds or reorders rows falls away: a row that is asked about is answered."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import ROW_FILTERS, Edit, Rewriter, Stuck


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.kind == "filter":
        source = rewriter.inner(node, fact.source)
        name = str(fact.details.get("source_name") or "")
        if source is None and not name:
            raise Stuck("rows are left out in a way that could not be followed")
        return rewriter.replaced(node, rewriter.text(source) if source is not None else name)
    if _is_in_place(rewriter, node, fact):
        return rewriter.replaced(node, "pass")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and fact.call in ROW_FILTERS and fact.kind in ("rows", "columns"):
        if fact.call != "dropna" or not _is_about_columns(node):
            return rewriter.replaced(node, rewriter.text(node.func.value))
    if isinstance(node, ast.Subscript) and fact.kind == "columns" and _keeps_columns(rewriter, node, fact):
        source = rewriter.inner(node, fact.source)
        return rewriter.replaced(node, rewriter.text(source)) if source is not None else None
    return None


def _is_in_place(rewriter: Rewriter, node: ast.expr, fact: Fact) -> bool:
    """`table.dropna(inplace=True)` in a function."""
    is_alone = bool(rewriter.simple) and isinstance(rewriter.simple[-1], ast.Expr) and rewriter.simple[-1].value is node
    if not is_alone or not isinstance(node, ast.Call) or fact.kind != "through" or fact.call not in ROW_FILTERS or _is_about_columns(node):
        return False
    return any(k.arg == "inplace" and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords)


def _is_about_columns(node: ast.Call) -> bool:
    return any(k.arg == "axis" and isinstance(k.value, ast.Constant) and k.value.value in (1, "columns") for k in node.keywords)


def _keeps_columns(rewriter: Rewriter, node: ast.Subscript, fact: Fact) -> bool:
    """A mask that happened to be true everywhere."""
    source = rewriter.inner(node, fact.source)
    known = rewriter.fact(source) if source is not None else None
    return known is not None and known.details.get("columns") == fact.details.get("columns")
