"""`DataFrame.append` and `Series.append`, removed in pandas 2.0 ("use pandas.concat instead").

A row given as a dict or list of dicts becomes a table of its own first, as `append` did. Lists have an `append` too: a receiver that is not known to
be a table is only touched after the failure "'DataFrame' object has no attribute 'append'".

    df = df.append(other, ignore_index=True)        df = pd.concat([df, other], ignore_index=True)
    df = df.append({"a": 1}, ignore_index=True)     df = pd.concat([df, pd.DataFrame([{"a": 1}])], ignore_index=True)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_WHY = "DataFrame.append was removed in pandas 2.0; pandas.concat does the same"


def _find(text: Text, context: Context) -> Iterator[Change]:
    pandas = next((name for name, path in context.names.items() if path == "pandas"), "")
    if not pandas:
        return
    failed = context.failed_with(r"'(DataFrame|Series)' object has no attribute 'append'", text)
    for call in text.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "append" and len(call.args) == 1 and not context.dotted(call.func):
            kind = context.kinds.of(call.func.value)
            is_statement = isinstance(text.parents.get(call), ast.Expr)  # its value is thrown away: a list
            if kind in ("table", "column") and not is_statement or failed and kind == "" and not is_statement:
                yield _concat(call, call.func, pandas, kind or ("column" if failed and failed[1] == "Series" else "table"), text, context)


def _concat(call: ast.Call, function: ast.Attribute, pandas: str, kind: str, text: Text, context: Context) -> Change:
    other, *rest = text.arguments(call)
    added = text.source[other.start : other.end]
    given = context.kinds.of(other.value)
    if kind == "table" and given in ("dict", "column"):
        added = f"{pandas}.DataFrame([{added}])"
    elif isinstance(other.value, ast.List):
        added = (
            added[1:-1].strip()
            if given == "list" and not any(context.kinds.of(one) == "dict" for one in other.value.elts)
            else f"{pandas}.DataFrame({added})"
        )
    elif given == "list":
        added = f"*{added}"
    options = "".join(f", {text.source[one.start : one.end]}" for one in rest)
    return text.replaced(call, f"{pandas}.concat([{text.of(function.value)}, {added}]{options})", _WHY)


RULE = anywhere("pandas-append", _find, __doc__, package="pandas", since="2.0")
