"""Text replaced by numbers: under pandas 3.0 the column stays `object`, where it used to become a column of numbers.

pandas 3.0 ended "downcasting" in `replace` (deprecated in 2.2: "to retain the old behavior, explicitly call result.infer_objects"). An `object` column is
left out of `corr`, one-hot encoded by `get_dummies`, and refused by some libraries.

    df["sex"].replace({"male": 0, "female": 1})         df["sex"].replace({"male": 0, "female": 1}).infer_objects()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, silent
from ferrata.steps.repairs.text import Text

_WHY = "since pandas 3.0 replacing text by numbers leaves a column of type object"


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        if (
            not isinstance(call.func, ast.Attribute)
            or call.func.attr != "replace"
            or context.kinds.of(call.func.value) == "text"
            or not _text_to_number(call)
        ):
            continue
        inplace = text.argument(call, "inplace")
        end = text.span(call)[1]
        if inplace is None and not text.source[end:].startswith(".infer_objects"):
            yield Change(end, end, ".infer_objects()", _WHY)
        elif inplace is not None and isinstance(text.parents.get(call), ast.Expr) and context.kinds.of(call.func.value) == "table":
            start = text.span(call)[0]
            yield Change(start, start, f"{text.of(call.func.value)} = ", _WHY)
            yield from text.dropped(call, {"inplace"}, _WHY)
            yield Change(end, end, ".infer_objects()", _WHY)


def _text_to_number(call: ast.Call) -> bool:
    first = next((keyword.value for keyword in call.keywords if keyword.arg == "to_replace"), call.args[0] if call.args else None)
    second = next((keyword.value for keyword in call.keywords if keyword.arg == "value"), call.args[1] if len(call.args) > 1 else None)
    if isinstance(first, ast.Dict) and second is None:
        values = [value for value in first.values if not isinstance(value, ast.Dict)]
        inner = [(key, value) for part in first.values if isinstance(part, ast.Dict) for key, value in zip(part.keys, part.values, strict=True)]
        pairs = inner or list(zip(first.keys, values, strict=False))
        return bool(pairs) and all(_is_text(key) and _is_number(value) for key, value in pairs)
    if isinstance(first, ast.List) and isinstance(second, ast.List):
        return bool(first.elts) and all(map(_is_text, first.elts)) and all(map(_is_number, second.elts))
    if isinstance(first, ast.List) and second is not None:
        return bool(first.elts) and all(map(_is_text, first.elts)) and _is_number(second)
    return _is_text(first) and _is_number(second)


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_number(node: ast.expr | None) -> bool:
    node = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))


RULE = silent("silent-replace-downcast", _find, __doc__, package="pandas", since="3.0")
