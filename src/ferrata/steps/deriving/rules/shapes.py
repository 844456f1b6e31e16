"""`X.reshape(len(files), -1)`, `X.reshape(1000, 28, 28)`: how many rows there are, said without the rows themselves → as many as are asked about."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter

_OF_ROWS = ("count", "rows", "columns", "through")


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.kind != "rows" or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "reshape":
        return None
    is_method = rewriter.fact(node.func.value) is not None
    owner = node.func.value if is_method else node.args[0] if node.args else None
    sizes = _sizes(node.args if is_method else node.args[1:])
    if owner is None or not sizes or not _is_said_otherwise(rewriter, sizes[0]):
        return None
    rows = "-1" if not any(map(_is_open, sizes)) else f"len({rewriter.text(owner)})" if isinstance(owner, ast.Name) else ""
    if not rows:
        return None
    edits = [edit for child in ast.iter_child_nodes(node) for edit in rewriter.edits(child)]
    start, end = node_span(rewriter.table, sizes[0])
    return [*(edit for edit in edits if not start <= edit[0] < end), (start, end, rows)]


def _sizes(arguments: list[ast.expr]) -> list[ast.expr]:
    first = arguments[0] if arguments else None
    return first.elts if isinstance(first, (ast.Tuple, ast.List)) else arguments


def _is_said_otherwise(rewriter: Rewriter, size: ast.expr) -> bool:
    """Neither open, nor told from rows that are followed."""
    fact = rewriter.fact(size)
    return not _is_open(size) and (fact is None or fact.kind not in _OF_ROWS)


def _is_open(size: ast.expr) -> bool:
    return ast.unparse(size) == "-1"
