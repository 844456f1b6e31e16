"""`dtype == "object"` to find text columns: under pandas 3.0 text has the dtype `str`, so the test is false for it and nothing is selected.

pandas 3.0, "dedicated string data type by default". `select_dtypes(include=["object"])` still takes both, so it is left alone.

    df.dtypes == "object"               (df.dtypes == "object") | (df.dtypes == "str")
    df[c].dtype in ["object"]           df[c].dtype in ["object", "str"]
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, silent
from ferrata.steps.repairs.text import Text

_WHY = "since pandas 3.0 text columns have the dtype str, not object"


def _find(text: Text, context: Context) -> Iterator[Change]:
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and not _tests_text_too(node, text):
            change = _rewritten(node, text, context)
            if change:
                yield change


def _rewritten(node: ast.Compare, text: Text, context: Context) -> Change | None:
    operator, left, right = node.ops[0], node.left, node.comparators[0]
    if isinstance(operator, (ast.In, ast.NotIn)) and _is_dtype(left) and isinstance(right, (ast.List, ast.Tuple, ast.Set)):
        has_text = any(isinstance(one, ast.Constant) and one.value in ("str", "string") for one in right.elts)
        if not has_text and any(_means_object(one, context) for one in right.elts):
            end = text.span(right.elts[-1])[1]
            return Change(end, end, ', "str"', _WHY)
        return None
    dtype = left if _is_dtype(left) and _means_object(right, context) else right if _is_dtype(right) and _means_object(left, context) else None
    if dtype is None or not isinstance(operator, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
        return None
    same = isinstance(operator, (ast.Eq, ast.Is))
    whole = f'({text.of(node)}) {"|" if same else "&"} ({text.of(dtype)} {"==" if same else "!="} "str")'
    parent = text.parents.get(node)
    return text.replaced(node, f"({whole})" if isinstance(parent, (ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare)) else whole, _WHY)


def _tests_text_too(node: ast.Compare, text: Text) -> bool:
    """`… or dtype == "str"` stands there already."""
    above = text.parents.get(node)
    return isinstance(above, (ast.BoolOp, ast.BinOp)) and any(f"{quote}str" in text.of(above) for quote in "\"'")


def _is_dtype(node: ast.expr) -> bool:
    """`x.dtype`, `x.dtypes`, `x.dtypes[c]`, `x.dtype.name`, `str(x.dtype)`."""
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        node = node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
        node = node.args[0]
    if isinstance(node, ast.Attribute) and node.attr == "name":
        node = node.value
    return isinstance(node, ast.Attribute) and node.attr in ("dtype", "dtypes")


def _means_object(node: ast.expr, context: Context) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in ("object", "O", "|O")
    if isinstance(node, ast.Name):
        return node.id == "object"
    if isinstance(node, ast.Call) and context.dotted(node.func) == "numpy.dtype" and len(node.args) == 1:
        return _means_object(node.args[0], context)
    return context.dotted(node) in ("numpy.object", "numpy.object_")


RULE = silent("silent-object-dtype", _find, __doc__, package="pandas", since="3.0")
