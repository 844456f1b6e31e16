"""A value put into a column of another type: pandas 3.0 raises ("Invalid value '3' for dtype 'str'") where the column used to become `object`.

The column is made `object` just before, which is what happened silently.

    df.loc[mask, "a"] = 3           df["a"] = df["a"].astype(object)
                                    df.loc[mask, "a"] = 3
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

_WHY = "since pandas 3.0 a column does not change its type by itself when a value of another type is put into it"


def _find(text: Text, context: Context) -> Iterator[Change]:
    for node in ast.walk(text.tree):
        if not isinstance(node, (ast.Assign, ast.AugAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        columns = [column for target in targets if (column := _column(target, text))]
        start, _ = text.span(node)
        line = text.source.rfind("\n", 0, start) + 1
        if columns and not text.source[line:start].strip() and not (text.statement.column and start == 0):
            lines = [f"{column} = {column}.astype(object)" for column in columns]
            if not text.source[:start].rstrip().endswith(lines[-1]):
                yield Change(start, start, "".join(f"{one}\n{text.source[line:start]}" for one in lines), _WHY)


def _column(target: ast.expr, text: Text) -> str:
    """The text of the column that an assignment target writes into, "" when it can't be told."""
    if not isinstance(target, ast.Subscript):
        return ""
    holder = target.value
    if isinstance(holder, ast.Attribute) and holder.attr in ("loc", "at", "iloc", "iat"):
        table = text.of(holder.value)
        if isinstance(target.slice, ast.Tuple) and len(target.slice.elts) == 2 and isinstance(target.slice.elts[1], (ast.Constant, ast.Name)):
            column = text.of(target.slice.elts[1])
            return f"{table}[{table}.columns[{column}]]" if holder.attr.startswith("i") else f"{table}[{column}]"
        return table if isinstance(holder.value, (ast.Subscript, ast.Attribute)) else ""
    return text.of(holder) if isinstance(holder, (ast.Subscript, ast.Attribute)) else ""


RULE = on_failure("pandas-setitem-dtype", _find, __doc__, message=r"TypeError: Invalid value .* for dtype", package="pandas", since="3.0")
