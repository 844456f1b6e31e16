"""`series[0]` on a series whose labels are no numbers: by label only since pandas 3.0 ("Series.__getitem__ treating keys as positions" was deprecated in 2.1).

Only after the KeyError of that very number, and never on what is known to be a dict, list or table.

    prices[0]           prices.iloc[0]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

_OTHERS = ("dict", "list", "table", "text")


def _find(text: Text, context: Context) -> Iterator[Change]:
    key = re.search(r"KeyError: (-?\d+)", context.message)
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and key and not _is_accessor(node.value):
            kind = context.kinds.of(node.value)
            by_number = text.of(node.slice).replace(" ", "") == key[1] and kind not in _OTHERS
            if by_number or (kind in ("column", "") and _counts(node.slice, context)):
                end = text.span(node.value)[1]
                yield Change(end, end, ".iloc", "series[number] means the label since pandas 3.0, not the position")


def _counts(key: ast.expr, context: Context) -> bool:
    """A loop's counter, or a sum of one with a number."""
    names = [node.id for node in ast.walk(key) if isinstance(node, ast.Name)]
    plain = all(isinstance(node, (ast.Name, ast.BinOp, ast.Constant, ast.Add, ast.Sub, ast.Load)) for node in ast.walk(key))
    return plain and len(names) == 1 and context.kinds.is_element(names[0]) and all(_is_range(loop) for loop in context.kinds.elements_of(names[0]))


def _is_range(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"


def _is_accessor(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("iloc", "loc", "iat", "at", "shape", "history", "values", "columns")


RULE = on_failure("pandas-series-position", _find, __doc__, message=r"KeyError: -?\d+", package="pandas", since="3.0")
