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
            if by_number or (kind in ("column", "") and _counts(node.slice, text)):
                end = text.span(node.value)[1]
                yield Change(end, end, ".iloc", "series[number] means the label since pandas 3.0, not the position")


def _counts(key: ast.expr, text: Text) -> bool:
    """The counter of the nearest loop around it that binds it, or a sum of one with a number."""
    names = [node.id for node in ast.walk(key) if isinstance(node, ast.Name)]
    plain = all(isinstance(node, (ast.Name, ast.BinOp, ast.Constant, ast.Add, ast.Sub, ast.Load)) for node in ast.walk(key))
    loop = _loop_over(names[0], key, text) if plain and len(names) == 1 else None
    return isinstance(loop, ast.Call) and isinstance(loop.func, ast.Name) and loop.func.id == "range"


def _loop_over(name: str, node: ast.AST, text: Text) -> ast.expr | None:
    """What the nearest enclosing `for name in …` runs over."""
    above = text.parents.get(node)
    while above is not None:
        if isinstance(above, ast.For) and isinstance(above.target, ast.Name) and above.target.id == name:
            return above.iter
        for part in getattr(above, "generators", ()):
            if isinstance(part.target, ast.Name) and part.target.id == name:
                return part.iter  # type: ignore[no-any-return]
        above = text.parents.get(above)
    return None


def _is_accessor(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("iloc", "loc", "iat", "at", "shape", "history", "values", "columns")


RULE = on_failure("pandas-series-position", _find, __doc__, message=r"KeyError: -?\d+", package="pandas", since="3.0")
