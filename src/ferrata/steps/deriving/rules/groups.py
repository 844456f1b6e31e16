"""`df.groupby("city")["area"].transform("mean")` → the value that each group had at training time."""

from __future__ import annotations

import ast

from ferrata.dataflow.names import slug
from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter, literal

_GROUPS = {"format": "literal", "suffix": ".txt", "type": "dict"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.call != "transform" or fact.kind != "rows" or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    grouped = node.func.value
    column = _name_in(grouped)
    call = grouped.value if isinstance(grouped, (ast.Subscript, ast.Attribute)) else None
    key = _key(call)
    if column is None or key is None or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    table = call.func.value
    frozen = rewriter.registry.add(f"{slug(column)}_by_{slug(key)}", _GROUPS, rewriter.statement, by_key=bool(rewriter.loops))
    own = rewriter.source[slice(*_span(rewriter, table))]
    rewriter.wrap(node, f'freeze_groups("{frozen.path}", {own}[{literal(key)}], ', f"{rewriter.key(frozen)})")
    return rewriter.replaced(node, f"{rewriter.text(table)}[{literal(key)}].map({rewriter.state(frozen)})")


def _span(rewriter: Rewriter, node: ast.expr) -> tuple[int, int]:
    from ferrata.source.edits import node_span

    return node_span(rewriter.table, node)


def _name_in(node: ast.expr) -> str | None:
    """The one column that is looked at."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return node.attr if isinstance(node, ast.Attribute) else None


def _key(call: ast.expr | None) -> str | None:
    """The one column that is grouped by."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "groupby" and call.args):
        return None
    wanted = call.args[0]
    if isinstance(wanted, ast.List) and len(wanted.elts) == 1:
        wanted = wanted.elts[0]
    return wanted.value if isinstance(wanted, ast.Constant) and isinstance(wanted.value, str) else None
