"""`.ix`, removed in pandas 1.0 ("use the more explicit .loc and .iloc").

`.ix` read labels first and positions where labels are no numbers. Rows by number meant labels on the usual numbered index; columns by number meant
positions. Other mixtures are left alone.

    df.ix[3, "a"]       df.loc[3, "a"]
    df.ix[:, 0:3]       df.iloc[:, 0:3]
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text


def _find(text: Text, context: Context) -> Iterator[Change]:
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "ix":
            new = _accessor(node.slice)
            if new:
                yield Change(*text.attribute_span(node.value), new, f".ix was removed in pandas 1.0; here it meant .{new}")


def _accessor(key: ast.expr) -> str:
    if not isinstance(key, ast.Tuple):
        return "loc"
    if len(key.elts) != 2:
        return ""
    rows, columns = key.elts
    if _is_positional(columns):
        return "iloc" if isinstance(rows, ast.Slice) and rows.lower is None and rows.upper is None else ""
    return "loc"


def _is_positional(key: ast.expr) -> bool:
    """Numbers, lists of numbers, and slices with a number in them."""
    if isinstance(key, ast.Slice):
        return any(part is not None and _is_positional(part) for part in (key.lower, key.upper))
    if isinstance(key, ast.UnaryOp):
        return _is_positional(key.operand)
    if isinstance(key, ast.List):
        return bool(key.elts) and all(map(_is_positional, key.elts))
    return isinstance(key, ast.Constant) and isinstance(key.value, int) and not isinstance(key.value, bool)


RULE = anywhere("pandas-ix", _find, __doc__, package="pandas", since="1.0")
