"""Chained assignment: `df["x"][rows] = value` changes a temporary object under pandas 3.0 and leaves the table as it was.

pandas 3.0, Copy-on-Write: use `.loc[rows, "x"]`. Only what did change the table before is rewritten (the column first, then the rows; the other way round was
a copy before, too), and only where the holder is known to be a table or pandas itself warned of it in this statement.

    df["x"][df["y"] > 3] = 0        df.loc[df["y"] > 3, "x"] = 0
    df["x"].iloc[0] = 1             df.iloc[0, df.columns.get_loc("x")] = 1
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, silent
from ferrata.steps.repairs.text import Text

_WHY = "under pandas 3.0 this assignment changes a copy and leaves the table as it was"


def _find(text: Text, context: Context) -> Iterator[Change]:
    warned = any("ChainedAssignment" in warning for warning in context.warnings.get(text.index, ()))
    for node in ast.walk(text.tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        for target in targets:
            after = _unchained(target, text, context, warned=warned) if isinstance(target, ast.Subscript) else ""
            if after:
                yield text.replaced(target, after, _WHY)


def _unchained(target: ast.Subscript, text: Text, context: Context, *, warned: bool) -> str:
    holder: ast.expr = target.value
    accessor = ""
    if isinstance(holder, ast.Attribute) and holder.attr in ("loc", "iloc", "at", "iat"):
        accessor, holder = holder.attr, holder.value
    column = _column(holder, text, context, warned=warned)
    if column is None or isinstance(target.slice, ast.Tuple):
        return ""
    table, name = column
    rows = text.of(target.slice)
    by_position = accessor in ("iloc", "iat") or (not accessor and isinstance(target.slice, ast.Slice))
    return f"{table}.iloc[{rows}, {table}.columns.get_loc({name})]" if by_position else f"{table}.loc[{rows}, {name}]"


def _column(holder: ast.expr, text: Text, context: Context, *, warned: bool) -> tuple[str, str] | None:
    """(table, column) texts of `table["column"]` or `table.column`."""
    if isinstance(holder, ast.Subscript) and not isinstance(holder.value, ast.Attribute):
        base, key = holder.value, holder.slice
        named = (
            isinstance(key, ast.Constant)
            and isinstance(key.value, str)
            or context.kinds.of(key) == "text"
            or (isinstance(key, ast.Name) and context.kinds.is_element(key.id))
        )
        return (text.of(base), text.of(key)) if named and _is_table(base, context, warned=warned) else None
    if (
        isinstance(holder, ast.Attribute)
        and holder.attr not in ("values", "columns", "index", "T")
        and _is_table(holder.value, context, warned=warned)
    ):
        return text.of(holder.value), f'"{holder.attr}"'
    return None


def _is_table(node: ast.expr, context: Context, *, warned: bool) -> bool:
    kind = context.kinds.of(node)
    return kind == "table" or (warned and kind == "")


RULE = silent("silent-chained-assignment", _find, __doc__, package="pandas", since="3.0")
