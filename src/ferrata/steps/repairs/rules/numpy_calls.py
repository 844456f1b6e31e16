"""Calls of NumPy and SciPy that became another expression with the same meaning.

`np.asscalar(x)` (1.23), ragged nested lists without `dtype=object` (1.24), `float(array_of_one)` (2.4 raises for one-dimensional ones),
`np.array(x, copy=False)` (2.0), `scipy.stats.binom_test` (1.12), `scipy.integrate.simps` (1.14), `scipy.stats.median_absolute_deviation` (1.8).

    np.asscalar(x)              x.item()
    np.array([[1], [2, 3]])     np.array([[1], [2, 3]], dtype=object)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text


def _find(text: Text, context: Context) -> Iterator[Change]:
    ragged = context.failed_with("inhomogeneous shape", text)
    one_element = context.failed_with("only 0-dimensional arrays can be converted to Python scalars|only length-1 arrays", text)
    no_copy = context.failed_with("Unable to avoid copy while creating an array", text)
    numpy = next((name for name, path in context.names.items() if path == "numpy"), "")
    for call in text.calls():
        path = context.dotted(call.func)
        given = [text.source[one.start : one.end] for one in text.arguments(call)]
        if path == "numpy.asscalar" and len(given) == 1:
            yield text.replaced(call, f"{given[0]}.item()", "np.asscalar(a) was removed in NumPy 1.23; a.item() does the same")
        elif path in ("numpy.array", "numpy.asarray") and ragged and given and text.argument(call, "dtype") is None:
            yield text.appended(call, "dtype=object", "NumPy 1.24 makes arrays of rows of different lengths only with dtype=object")
        elif path == "numpy.array" and no_copy and text.argument(call, "copy"):
            yield from text.dropped(call, {"copy"}, "np.array(copy=False) refuses to copy since NumPy 2.0")
        elif (
            isinstance(call.func, ast.Name)
            and call.func.id in ("float", "int")
            and one_element
            and numpy
            and len(given) == 1
            and "squeeze(" not in given[0]
        ):
            yield text.replaced(call.args[0], f"{numpy}.squeeze({given[0]})", "NumPy 2.4 turns only arrays without dimensions into numbers")
        elif path.startswith("scipy"):
            yield from _scipy(call, path.rpartition(".")[2], given, text)


def _scipy(call: ast.Call, name: str, given: list[str], text: Text) -> Iterator[Change]:
    span = text.attribute_span(call.func) if isinstance(call.func, ast.Attribute) else None
    if name == "binom_test" and span:
        yield Change(*span, "binomtest", "scipy.stats.binom_test was removed in SciPy 1.12")
        end = text.span(call)[1]
        yield Change(end, end, ".pvalue", "scipy.stats.binom_test was removed in SciPy 1.12")
    elif name == "median_absolute_deviation" and span and text.argument(call, "scale") is None:
        yield Change(*span, "median_abs_deviation", "renamed in SciPy 1.8, with another default scale")
        yield text.appended(call, 'scale="normal"', "renamed in SciPy 1.8, with another default scale")
    elif name == "simps" and span:
        yield Change(*span, "simpson", "scipy.integrate.simps is simpson since SciPy 1.14")
        second = text.arguments(call)[1] if len(given) > 1 else None
        if second is not None and not second.name:
            yield Change(second.start, second.start, "x=", "simpson takes x by name since SciPy 1.14")


RULE = anywhere("numpy-call", _find, __doc__, package="numpy", since="1.23")
