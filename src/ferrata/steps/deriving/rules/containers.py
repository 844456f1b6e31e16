"""`xgb.DMatrix(X, label=y)`, `Pool(X, y)` → without the labels: they are for training, and a row that is asked about has none."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter

_FOR_TRAINING = frozenset({"label", "weight", "base_margin", "label_lower_bound", "label_upper_bound", "group", "qid", "y"})


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    is_one = fact.kind == "rows" and fact.details.get("kind") == "carrier" and fact.call in ("DMatrix", "QuantileDMatrix", "Pool")
    if not is_one or not isinstance(node, ast.Call):
        return None
    parts = [rewriter.text(argument) for argument in node.args[:1]]
    parts += [f"{k.arg}={rewriter.text(k.value)}" for k in node.keywords if k.arg and k.arg not in _FOR_TRAINING]
    return rewriter.replaced(node, f"{ast.unparse(node.func)}({', '.join(parts)})")
