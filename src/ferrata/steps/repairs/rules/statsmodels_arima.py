"""The ARIMA of `statsmodels.tsa.arima_model`, replaced in 0.12 and removed in 0.13 by `statsmodels.tsa.arima.model`.

Its `forecast()` gave (forecast, standard error, interval); the new one gives the forecast alone. `plot_predict` became a function.

    forecast, error, interval = results.forecast(5)     forecast = results.forecast(5)
    results.forecast(5)[0]                              results.forecast(5)
    results.plot_predict(1, 9)                          plot_predict(results, 1, 9)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_OLD = "statsmodels.tsa.arima_model"


def _find(text: Text, context: Context) -> Iterator[Change]:
    failed = context.failed_with(r"object has no attribute 'plot_predict'", text)
    if failed:
        yield from _plots(text, context)
    if not any(_OLD in statement.source for statement in context.notebook.statements):
        return
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Subscript) and _is_forecast(node.value) and isinstance(node.slice, ast.Constant) and node.slice.value == 0:
            yield text.replaced(node, text.of(node.value), "forecast() gives the forecast alone since statsmodels 0.12")
        elif (
            isinstance(node, ast.Assign)
            and _is_forecast(node.value)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Tuple)
            and len(node.targets[0].elts) == 3
        ):
            start = text.span(node)[0]
            yield Change(
                start,
                text.span(node.value)[0],
                f"{text.of(node.targets[0].elts[0])} = ",
                "forecast() gives the forecast alone since statsmodels 0.12",
            )


def _plots(text: Text, context: Context) -> Iterator[Change]:
    why = "plot_predict is a function since statsmodels 0.13"
    for call in text.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "plot_predict":
            start, function_end = text.span(call.func)
            opening = text.source.index("(", function_end) + 1
            separator = ", " if call.args or call.keywords else ""
            yield Change(start, opening, f"plot_predict({text.of(call.func.value)}{separator}", why)
            if "plot_predict" not in context.names and text.statement.column == 0:
                yield Change(0, 0, "from statsmodels.graphics.tsaplots import plot_predict\n", why)


def _is_forecast(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "forecast"


RULE = anywhere("statsmodels-arima", _find, __doc__, package="statsmodels", since="0.12")
