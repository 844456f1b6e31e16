"""`parts = train_test_split(X, y)`, and the same inside a helper → each part is the whole. (`derive.py` takes `a, b = train_test_split(X)` apart itself.)"""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.kind != "split" or not isinstance(node, ast.Call) or any(isinstance(argument, ast.Starred) for argument in node.args):
        return None
    each = 1 if fact.details.get("each") else 2  # a resampler gives one part for each argument, a split two
    parts = [rewriter.text(argument) for argument in node.args for _ in range(each)]
    return rewriter.replaced(node, f"({', '.join(parts)})") if len(parts) == fact.details.get("parts") else None
