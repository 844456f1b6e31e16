"""`pd.get_dummies(df)` → the same, with exactly the columns of the training data: one row holds one category of each."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter

_COLUMNS = {"format": "json", "suffix": ".json", "type": "list"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.call != "get_dummies" or not isinstance(node, ast.Call) or fact.kind not in ("rows", "columns"):
        return None
    frozen = rewriter.registry.add(_name(node), _COLUMNS, rewriter.statement)
    rewriter.wrap(node, f'freeze_columns("{frozen.path}", ')
    parts = [rewriter.text(argument) for argument in node.args[:5]]
    parts += [f"{k.arg}={rewriter.text(k.value)}" if k.arg else f"**{rewriter.text(k.value)}" for k in node.keywords if k.arg != "drop_first"]
    nothing = "False" if "bool" in fact.details.get("dtypes", ()) else "0"
    function = rewriter.source[slice(*_span(rewriter, node.func))]
    return rewriter.replaced(node, f"{function}({', '.join(parts)}).reindex(columns={rewriter.state(frozen)}, fill_value={nothing})")


def _span(rewriter: Rewriter, node: ast.expr) -> tuple[int, int]:
    from ferrata.source.edits import node_span

    return node_span(rewriter.table, node)


def _name(node: ast.Call) -> str:
    """By the column, where it is about one."""
    from ferrata.dataflow.names import slug

    data = node.args[0] if node.args else None
    column = data.slice.value if isinstance(data, ast.Subscript) and isinstance(data.slice, ast.Constant) else None
    return f"{slug(column)}_dummies" if isinstance(column, str) and slug(column)[:1].isalpha() else "dummy_columns"
