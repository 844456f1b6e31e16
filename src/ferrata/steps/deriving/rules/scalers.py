"""`scale(X)` of scikit-learn, `zscore(x)` of SciPy look at all rows → the scaler that does the same, fitted on the training data."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.records.plan import Change
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck, value_name

_SCALES = frozenset({"scale", "zscore", "minmax_scale", "maxabs_scale", "robust_scale", "quantile_transform", "power_transform"})
_FITTED = {"format": "skops", "suffix": ".skops", "type": "a scaler"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if not isinstance(node, ast.Call) or fact.call not in _SCALES or fact.kind not in ("rows", "columns") or not node.args:
        return None
    if len(node.args) > 1 or any(k.arg == "axis" for k in node.keywords):
        raise Stuck(f"`{ast.unparse(node)[:80]}` scales along an axis of its own")
    frozen = rewriter.registry.add(f"{value_name(node.args[0])}_scaler", _FITTED, rewriter.statement)
    function = rewriter.source[slice(*node_span(rewriter.table, node.func))]
    start, _ = node_span(rewriter.table, node.func)
    first, _ = node_span(rewriter.table, node.args[0])
    rewriter.registry.changes.append(Change(rewriter.statement, start, first, f'freeze_scaled("{frozen.path}", {function}, '))
    rows = rewriter.text(node.args[0])
    if fact.details.get("ndim") == 1:
        return rewriter.replaced(node, f"{rewriter.state(frozen)}.transform(np.asarray({rows}).reshape(-1, 1))[:, 0]")
    return rewriter.replaced(node, f"{rewriter.state(frozen)}.transform(np.asarray({rows}))")
