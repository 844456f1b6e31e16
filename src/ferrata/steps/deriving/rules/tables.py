"""`for table in [train, test]:` → of several tables the one that is asked about; copies of it stand for the others, whose turns change nothing of it."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    others = set(fact.details.get("others", ()))
    if not isinstance(node, (ast.List, ast.Tuple)) or not others or len(others) >= len(node.elts):
        return None
    followed = next(number for number in range(len(node.elts)) if number not in others)
    known = rewriter.fact(node.elts[followed])
    if known is None or known.kind not in ("rows", "columns") or known.details.get("kind") != "frame":
        return None
    text = rewriter.text(node.elts[followed])
    return [edit for number in others for edit in rewriter.replaced(node.elts[number], f"{text}.copy()")]
