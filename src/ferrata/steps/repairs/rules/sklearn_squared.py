"""`mean_squared_error(squared=False)`, removed in scikit-learn 1.6: `root_mean_squared_error` (there since 1.4).

mean_squared_error(y, p, squared=False)         root_mean_squared_error(y, p)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_NEW = {"mean_squared_error": "root_mean_squared_error", "mean_squared_log_error": "root_mean_squared_log_error"}


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        squared = text.argument(call, "squared")
        name = context.dotted(call.func).rpartition(".")[2]
        if squared is None or not context.is_function(call.func, "sklearn", *_NEW) or not isinstance(squared.value, ast.Constant):
            continue
        why = f"{name}(squared=) was removed in scikit-learn 1.6"
        yield from text.dropped(call, {"squared"}, why)
        if squared.value.value is False:
            is_attribute = isinstance(call.func, ast.Attribute)
            span = text.attribute_span(call.func) if isinstance(call.func, ast.Attribute) else text.span(call.func)
            yield Change(*span, _NEW[name], why)
            if not is_attribute and _NEW[name] not in context.names and text.statement.column == 0:
                yield Change(0, 0, f"from sklearn.metrics import {_NEW[name]}\n", why)


RULE = anywhere("sklearn-squared-error", _find, __doc__, package="scikit-learn", since="1.6")
