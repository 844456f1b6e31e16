"""Where an expression stands, and that one cannot be written for one row."""

from __future__ import annotations

import ast

from ferrata.records.observation import Site

ASKING = ("predict", "predict_on_batch")  # methods by which a model answers


class Stuck(Exception):
    """This expression cannot be written for one row."""


def site_of(node: ast.expr) -> Site:
    return Site(node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def column_of(text: str) -> str:
    """`x` of `df["x"] = …`; "" for another statement."""
    body = ast.parse(text).body
    target = body[0].targets[0] if len(body) == 1 and isinstance(body[0], ast.Assign) else None
    name = target.slice.value if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) else ""
    return name if isinstance(name, str) else ""
