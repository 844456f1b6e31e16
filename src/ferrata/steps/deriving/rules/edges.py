"""`pd.cut(x, 4)` and `pd.qcut(x, 4)` → `pd.cut(x, edges)` with the edges of the training data."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.records.plan import Change
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, value_name

_EDGES = {"format": "npy", "suffix": ".npy", "type": "numpy.ndarray"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.call not in ("cut", "qcut") or not isinstance(node, ast.Call) or fact.kind != "rows" or not node.args:
        return None
    bins = node.args[1] if len(node.args) > 1 else next((k.value for k in node.keywords if k.arg in ("bins", "q")), None)
    if fact.call == "cut" and not _is_number(bins):
        return None
    frozen = rewriter.registry.add(f"{value_name(node.args[0])}_edges", _EDGES, rewriter.statement)
    function = rewriter.source[slice(*node_span(rewriter.table, node.func))]
    start, _ = node_span(rewriter.table, node.func)
    first, _ = node_span(rewriter.table, node.args[0])
    rewriter.registry.changes.append(Change(rewriter.statement, start, first, f'freeze_edges("{frozen.path}", {function}, '))
    parts = [rewriter.text(node.args[0]), rewriter.state(frozen)]
    parts += [f"{k.arg}={rewriter.text(k.value)}" for k in node.keywords if k.arg not in ("bins", "q", "retbins", "duplicates", "x")]
    lowest = ", include_lowest=True" if fact.call == "qcut" else ""
    return rewriter.replaced(node, f"pd.cut({', '.join(parts)}{lowest})")


def _is_number(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)
