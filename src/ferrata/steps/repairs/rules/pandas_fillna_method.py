"""`fillna(method="ffill")`, removed in pandas 3.0 ("use obj.ffill() or obj.bfill() instead").

df.fillna(method="ffill", inplace=True)     df.ffill(inplace=True)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_NEW = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        method = text.argument(call, "method")
        value = method.value.value if method and isinstance(method.value, ast.Constant) else None
        if isinstance(call.func, ast.Attribute) and call.func.attr == "fillna" and not call.args and isinstance(value, str) and value in _NEW:
            why = f"fillna(method=) was removed in pandas 3.0; {_NEW[value]}() does the same"
            yield Change(*text.attribute_span(call.func), _NEW[value], why)
            yield from text.dropped(call, {"method"}, why)


RULE = anywhere("pandas-fillna-method", _find, __doc__, package="pandas", since="3.0")
