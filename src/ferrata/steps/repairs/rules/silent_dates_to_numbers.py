"""Dates turned into whole numbers: pandas 3.0 counts microseconds (or what the text gave) where every earlier pandas counted nanoseconds.

pandas 3.0, "datetime resolution inference": the numbers are smaller by 1000 or more, without an error.

    pd.to_datetime(s).astype("int64")       pd.to_datetime(s).astype("datetime64[ns]").astype("int64")
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, silent
from ferrata.steps.repairs.text import Text

_WHOLE = ("int", "int64", "numpy.int64")


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "astype" and len(call.args) == 1 and _is_whole(call.args[0], context):
            dates = call.func.value
            if isinstance(dates, ast.Attribute) and dates.attr == "values":
                dates = dates.value
            if _are_dates(dates, text, context):
                end = text.span(dates)[1]
                yield Change(
                    end,
                    end,
                    '.astype("datetime64[ns]")',
                    "since pandas 3.0 dates count microseconds, not nanoseconds, when they become whole numbers",
                )


def _is_whole(node: ast.expr, context: Context) -> bool:
    written = node.value if isinstance(node, ast.Constant) else context.dotted(node) or (node.id if isinstance(node, ast.Name) else "")
    return written in _WHOLE


def _are_dates(node: ast.expr, text: Text, context: Context) -> bool:
    """A call of `to_datetime`, or a column that the notebook assigned one to."""
    if isinstance(node, ast.Call):
        return context.is_function(node.func, "pandas", "to_datetime", "date_range")
    if isinstance(node, ast.Name):
        values = context.kinds.values(node.id)
        return bool(values) and all(
            isinstance(value, ast.Call) and context.is_function(value.func, "pandas", "to_datetime", "date_range") for value in values
        )
    written = ast.unparse(node) if isinstance(node, (ast.Subscript, ast.Attribute)) else ""
    return bool(written) and any(_assigns_dates(other, written, context) for one in context.texts for other in ast.walk(one.tree))


def _assigns_dates(node: ast.AST, column: str, context: Context) -> bool:
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or not context.is_function(node.value.func, "pandas", "to_datetime"):
        return False
    return any(ast.unparse(target) == column for target in node.targets)


RULE = silent("silent-dates-to-numbers", _find, __doc__, package="pandas", since="3.0")
