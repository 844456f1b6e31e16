"""`x.astype("category")` → the categories of the training data: codes and models count on their order."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter, value_name

_CATEGORIES = {"format": "json", "suffix": ".json", "type": "list"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.call != "astype" or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or fact.kind not in ("rows", "columns"):
        return None
    kinds = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "dtype")]
    if not (kinds and isinstance(kinds[0], ast.Constant) and kinds[0].value == "category"):
        return None
    frozen = rewriter.registry.add(f"{value_name(node.func.value)}_categories", _CATEGORIES, rewriter.statement, by_key=bool(rewriter.loops))
    rewriter.wrap(node, f'freeze_categories("{frozen.path}", ', f"{rewriter.key(frozen)})")
    kept = rewriter.state(frozen)
    table = fact.details.get("kind") == "frame" or fact.kind == "columns"
    kind = f"{{name: pd.CategoricalDtype(values) for name, values in {kept}.items()}}" if table else f"pd.CategoricalDtype({kept})"
    return rewriter.replaced(node, f"{rewriter.text(node.func.value)}.astype({kind})")
