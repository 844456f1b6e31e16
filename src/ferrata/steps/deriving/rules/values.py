"""A value computed on all rows (`df["Age"].mean()`) → the one recorded at training time."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck, value_name


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.kind != "plain":
        return None
    if fact.details.get("conflict"):
        raise Stuck("a value is computed anew for every table that a function is given")
    text = ast.unparse(node)
    known = rewriter.recorded.get(text)  # said twice in one statement: recorded once
    frozen = known or rewriter.registry.add(value_name(node), fact.details, rewriter.statement, by_key=bool(fact.details.get("by_key")))
    if known is None:
        rewriter.recorded[text] = frozen
        rewriter.wrap(node, f'freeze("{frozen.path}", ', f"{rewriter.key(frozen)})")
    return rewriter.replaced(node, rewriter.state(frozen))
