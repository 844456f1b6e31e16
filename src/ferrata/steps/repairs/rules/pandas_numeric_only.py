"""Statistics of a table with text columns: since pandas 2.0 they raise where they used to leave text out (`numeric_only=None`).

Only the call named by the failure is touched; `numeric_only=True` is pandas' own replacement.

    df.corr()                           df.corr(numeric_only=True)
    df.groupby("a").mean()              df.groupby("a").mean(numeric_only=True)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

_STATISTICS = frozenset("mean median std var sem skew kurt kurtosis corr cov corrwith quantile sum prod".split())
_CONVERTING = frozenset("corr cov corrwith quantile".split())
_MESSAGE = (
    r"(Cannot perform reduction '(?P<reduction>\w+)' with string dtype"
    r"|does not support (?:operation|reduction) '(?P<operation>\w+)'|agg function failed \[how->(?P<how>\w+)"
    r"|could not convert string to float|has no kernel matching input types|Could not convert .* to numeric|unsupported operand type)"
)


def _find(text: Text, context: Context) -> Iterator[Change]:
    found = re.search(_MESSAGE, context.message, re.DOTALL)
    named = next((name for name in found.groupdict().values() if name), "") if found else ""
    for call in text.calls():
        if not isinstance(call.func, ast.Attribute) or context.dotted(call.func) or context.kinds.of(call.func.value) == "column":
            continue
        method = call.func.attr
        concerned = method == named if named else method in (_CONVERTING if "to float" in context.message else _STATISTICS)
        given = {keyword.arg for keyword in call.keywords}
        if concerned and method in _STATISTICS and not given & {"numeric_only", "axis", None} and not call.args:
            yield text.appended(call, "numeric_only=True", f"{method}() no longer leaves out text columns by itself since pandas 2.0")


RULE = on_failure("pandas-numeric-only", _find, __doc__, message=_MESSAGE, package="pandas", since="2.0")
