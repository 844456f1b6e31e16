"""Calls of pandas that became another expression with the same meaning.

`pd.value_counts(x)` (3.0), `x.mad()` (2.0), `df.sum(level=0)` (2.0), `df.get_value(i, c)` (1.0), `s.clip_upper(v)` (1.0), `s.nonzero()` (1.0),
`pd.set_option("max_rows", n)` (matches several options since 1.x), `pd.rolling_mean(s, n)` (0.23).

    pd.value_counts(y)          pd.Series(y).value_counts()
    df["a"].mad()               (df["a"] - df["a"].mean()).abs().mean()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_LEVELS = frozenset("sum mean min max count median std var prod".split())
_OPTIONS = frozenset("max_rows max_columns max_colwidth precision width".split())


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        path = context.dotted(call.func)
        if path.startswith("pandas."):
            yield from _function(call, path.rpartition(".")[2], text, context)
        elif not path and isinstance(call.func, ast.Attribute):
            yield from _method(call, call.func, text, context)


def _function(call: ast.Call, name: str, text: Text, context: Context) -> Iterator[Change]:
    given = [text.source[one.start : one.end] for one in text.arguments(call)]
    pandas = text.of(call.func).rpartition(".")[0]
    if name == "value_counts" and context.has("pandas", "3.0") and given and pandas:
        yield text.replaced(
            call, f"{pandas}.Series({given[0]}).value_counts({', '.join(given[1:])})", "pandas.value_counts was removed in pandas 3.0"
        )
    elif name.startswith("rolling_") and len(given) == 2:
        yield text.replaced(call, f"{given[0]}.rolling({given[1]}).{name[8:]}()", f"pandas.{name} was removed in pandas 0.23")
    elif name == "set_option" and call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value in _OPTIONS:
        yield text.replaced(call.args[0], f'"display.{call.args[0].value}"', f'"{call.args[0].value}" names several options today')
    elif name == "set_option" and [part.strip("'\"") for part in given] in (["display.max_colwidth", "-1"], ["max_colwidth", "-1"]):
        yield text.replaced(call.args[1], "None", "no limit is None, not -1, since pandas 1.0")


def _method(call: ast.Call, function: ast.Attribute, text: Text, context: Context) -> Iterator[Change]:
    given = text.arguments(call)
    receiver, name = text.of(function.value), function.attr
    written = [text.source[one.start : one.end] for one in given]
    failed = context.failed_with(rf"has no attribute '{name}'", text)
    if name == "mad" and not given and (context.kinds.of(function.value) in ("column", "table") or failed):
        yield text.replaced(call, f"({receiver} - {receiver}.mean()).abs().mean()", "mad() was removed in pandas 2.0; this is its definition")
    elif name in _LEVELS and [one.name for one in given] == ["level"] and context.failed_with("unexpected keyword argument 'level'", text):
        yield text.replaced(
            call, f"{receiver}.groupby({written[0]}).{name}()", f"{name}(level=) was removed in pandas 2.0; groupby(level=) does the same"
        )
    elif name == "get_value" and len(written) == 2 and failed:
        yield text.replaced(call, f"{receiver}.at[{written[0]}, {written[1]}]", "get_value() was removed in pandas 1.0")
    elif name in ("clip_upper", "clip_lower") and len(written) == 1:
        yield text.replaced(call, f"{receiver}.clip({name[5:]}={written[0]})", f"{name}() was removed in pandas 1.0")
    elif name == "nonzero" and not given and failed:
        yield text.replaced(call, f"{receiver}.to_numpy().nonzero()", "Series.nonzero() was removed in pandas 1.0")


RULE = anywhere("pandas-call", _find, __doc__, package="pandas", since="1.0")
