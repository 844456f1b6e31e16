"""`inplace=True` on a column: under pandas 3.0 it changes a temporary object and the table stays as it was, without an error.

pandas 3.0, Copy-on-Write: "chained assignment … will never work"; its warning names the replacement used here. Only methods that keep the rows are
rewritten (`dropna` on a column never changed its table), and only one column at a time (a list of columns or a mask was a copy before, too).

    df["x"].fillna(0, inplace=True)         df["x"] = df["x"].fillna(0)
    df.loc[:, "x"].replace(1, 2, inplace=True)      df.loc[:, "x"] = df.loc[:, "x"].replace(1, 2)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, silent
from ferrata.steps.repairs.text import Text

_METHODS = frozenset("fillna replace clip where mask interpolate ffill bfill pad backfill".split())
_CATEGORY_METHODS = frozenset("add_categories remove_categories rename_categories reorder_categories set_categories remove_unused_categories".split())
_WHY = "under pandas 3.0 inplace=True on a column changes a copy and leaves the table as it was"


def _find(text: Text, context: Context) -> Iterator[Change]:
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            call, function = node.value, node.value.func
            inplace = text.argument(call, "inplace")
            is_inplace = inplace is not None and isinstance(inplace.value, ast.Constant) and inplace.value.value is True
            column = _column(function, context)
            if is_inplace and column is not None:
                start = text.span(node)[0]
                yield Change(start, start, f"{text.of(column)} = ", _WHY)
                yield from text.dropped(call, {"inplace"}, _WHY)


def _column(function: ast.Attribute, context: Context) -> ast.expr | None:
    """The column that the method is called on."""
    if function.attr in _CATEGORY_METHODS and isinstance(function.value, ast.Attribute) and function.value.attr == "cat":
        return function.value.value
    if function.attr not in _METHODS:
        return None
    holder = function.value
    if isinstance(holder, ast.Subscript) and _is_one_column(holder, context):
        return holder
    is_table = isinstance(holder, ast.Attribute) and context.kinds.of(holder.value) == "table"
    return holder if is_table and isinstance(holder, ast.Attribute) and holder.attr not in ("loc", "iloc", "T", "values") else None


def _is_one_column(holder: ast.Subscript, context: Context) -> bool:
    key, base = holder.slice, holder.value
    if isinstance(base, ast.Attribute) and base.attr in ("loc", "iloc"):
        whole = (
            isinstance(key, ast.Tuple)
            and len(key.elts) == 2
            and isinstance(key.elts[0], ast.Slice)
            and key.elts[0].lower is None
            and key.elts[0].upper is None
        )
        return whole and isinstance(key, ast.Tuple) and _names_one(key.elts[1], context)
    return context.kinds.of(base) in ("table", "") and not context.dotted(base) and _names_one(key, context)


def _names_one(key: ast.expr, context: Context) -> bool:
    """A text, a loop variable over names, or a name that only ever holds a text."""
    if isinstance(key, ast.Name):
        return (
            context.kinds.of(key) == "text" or context.kinds.is_element(key.id) or (key.id not in context.names and not context.kinds.values(key.id))
        )
    return isinstance(key, (ast.Constant, ast.JoinedStr)) or (isinstance(key, ast.Subscript) and not isinstance(key.slice, ast.Slice))


RULE = silent("silent-inplace-on-column", _find, __doc__, package="pandas", since="3.0")
