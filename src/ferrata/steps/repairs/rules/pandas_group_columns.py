"""Columns of a group chosen without a list: `groupby("a")["b", "c"]` raises since pandas 2.0 ("Cannot subset columns with a tuple").

df.groupby("a")["b", "c"].sum()         df.groupby("a")[["b", "c"]].sum()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text


def _find(text: Text, context: Context) -> Iterator[Change]:
    failed = context.failed_with("Cannot subset columns with a tuple", text)
    for node in ast.walk(text.tree):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Tuple)
            and all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in node.slice.elts)
        ):
            is_group = isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute) and node.value.func.attr == "groupby"
            if is_group or (failed and isinstance(node.ctx, ast.Load)):
                yield text.replaced(node.slice, f"[{text.of(node.slice).strip('()')}]", "several columns of a group need a list since pandas 2.0")


RULE = anywhere("pandas-group-columns", _find, __doc__, package="pandas", since="2.0")
