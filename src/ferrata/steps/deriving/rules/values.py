"""A value computed on all rows (`df["Age"].mean()`) → the one recorded at training time."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck, value_name


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.kind != "plain":
        return None
    if fact.details.get("conflict"):
        if _holds_another(rewriter, node):  # `df["age"].mean() if age != age else age`: what is the same every time stands inside
            return None
        raise Stuck("a value is computed anew for every table that a function is given")
    if rewriter.loops and any(inner.call in ("predict", "predict_proba") and "receiver" in inner.details for inner in _facts(rewriter, node)):
        raise Stuck("the model is asked row after row about what is made in the loop")
    text = ast.unparse(node)
    known = rewriter.recorded.get(text)  # said twice in one statement: recorded once
    frozen = known or rewriter.registry.add(_name(node, fact), fact.details, rewriter.statement, by_key=bool(fact.details.get("by_key")))
    if known is None:
        rewriter.recorded[text] = rewriter.keyed(frozen, node, fact)
        rewriter.wrap(node, rewriter.freeze(frozen, fact), f"{rewriter.key(frozen)})")
    if fact.call == "fit" and rewriter.is_definition and _stands_alone(rewriter, node):
        receiver = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
        if isinstance(receiver, ast.Name):  # `scaler.fit(X)` in a helper: what follows asks the one that was fitted
            return rewriter.replaced(node, f"{receiver.id} = {rewriter.state(frozen)}")
    return rewriter.replaced(node, rewriter.state(frozen))


def _facts(rewriter: Rewriter, node: ast.expr) -> list[Fact]:
    return [fact for each in ast.walk(node) if (fact := rewriter.fact(each)) is not None]


def _name(node: ast.expr, fact: Fact) -> str:
    """Of what `scaler.fit(X)` gives, the scaler's own."""
    receiver = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    return receiver.id if fact.call == "fit" and isinstance(receiver, ast.Name) else value_name(node)


def _stands_alone(rewriter: Rewriter, node: ast.expr) -> bool:
    return bool(rewriter.simple) and isinstance(rewriter.simple[-1], ast.Expr) and rewriter.simple[-1].value is node


def _holds_another(rewriter: Rewriter, node: ast.expr) -> bool:
    own = rewriter.fact(node)
    return any(fact.kind == "plain" and not fact.details.get("conflict") for fact in _facts(rewriter, node) if fact is not own)
