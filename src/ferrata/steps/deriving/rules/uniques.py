"""`pd.factorize(x)[0]` → the place of each value among those of the training data."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.records.plan import Change
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, value_name

_UNIQUES = {"format": "json", "suffix": ".json", "type": "list"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    call = node.value if isinstance(node, ast.Subscript) else None
    if not isinstance(call, ast.Call) or fact.kind != "rows" or not isinstance(node, ast.Subscript):
        return None
    is_first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    if name != "factorize" or not is_first:
        return None
    data = call.args[0] if call.args else call.func.value if isinstance(call.func, ast.Attribute) else None
    if data is None:
        return None
    frozen = rewriter.registry.add(f"{value_name(data)}_values", _UNIQUES, rewriter.statement, by_key=bool(rewriter.loops))
    start, end = node_span(rewriter.table, call)
    rewriter.registry.changes += [
        Change(rewriter.statement, start, start, f'freeze_uniques("{frozen.path}", '), Change(rewriter.statement, end, end, f"{rewriter.key(frozen)})"),
    ]
    return rewriter.replaced(node, f"pd.Index({rewriter.state(frozen)}).get_indexer({rewriter.text(data)})")
