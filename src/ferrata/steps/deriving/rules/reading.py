"""The table as it was read (or prepared) is the rows that are asked about."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.kind == "root" and fact.number == rewriter.root:
        return rewriter.replaced(node, "rows.copy()" if fact.details.get("kind") != "array" else "rows.to_numpy()")
    return None
