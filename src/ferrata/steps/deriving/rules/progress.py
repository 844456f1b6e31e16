"""`model.predict(X)` of Keras draws a progress bar for every call → `verbose=0`: nobody watches a service."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter

_KERAS = ("keras.", "tf_keras.", "tensorflow.")


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    is_keras = fact.call == "predict" and str(fact.details.get("receiver", "")).startswith(_KERAS)
    if not is_keras or not isinstance(node, ast.Call) or len(node.args) > 2 or any(k.arg in ("verbose", None) for k in node.keywords):
        return None
    _, end = node_span(rewriter.table, node)
    inside = [edit for child in ast.iter_child_nodes(node) for edit in rewriter.edits(child)]
    return [*inside, (end - 1, end - 1, ", verbose=0")]
