"""Arguments of `read_csv` that need more than another name.

pandas 2.0: `error_bad_lines`/`warn_bad_lines` → `on_bad_lines`, `squeeze=True` → `.squeeze("columns")`; pandas 3.0: `delim_whitespace=True` → `sep=r"\\s+"`.

    pd.read_csv("a", error_bad_lines=False)     pd.read_csv("a", on_bad_lines="skip")
    pd.read_csv("a", squeeze=True)              pd.read_csv("a").squeeze("columns")
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Argument, Text


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        if not context.is_function(call.func, "pandas", "read_csv", "read_table"):
            continue
        given = {one.name: one for one in text.arguments(call)}
        if context.has("pandas", "2.0"):
            yield from _bad_lines(call, given, text)
            if _value(given.get("squeeze")) is True:
                why = 'read_csv(squeeze=) was removed in pandas 2.0; .squeeze("columns") does the same'
                yield from text.dropped(call, {"squeeze"}, why)
                end = text.span(call)[1]
                yield Change(end, end, '.squeeze("columns")', why)
        if context.has("pandas", "3.0") and _value(given.get("delim_whitespace")) is True:
            one = given["delim_whitespace"]
            yield Change(one.start, one.end, 'sep=r"\\s+"', 'read_csv(delim_whitespace=True) is sep=r"\\s+" since pandas 3.0')


def _bad_lines(call: ast.Call, given: dict[str, Argument], text: Text) -> Iterator[Change]:
    fails, warns = _value(given.get("error_bad_lines")), _value(given.get("warn_bad_lines"))
    why = "read_csv(error_bad_lines=) is on_bad_lines= since pandas 2.0"
    if "error_bad_lines" in given and isinstance(fails, bool):
        one = given["error_bad_lines"]
        new = "error" if fails else "skip" if warns is False else "warn"
        yield Change(one.start, one.end, f'on_bad_lines="{new}"', why)
    if "warn_bad_lines" in given:
        yield from text.dropped(call, {"warn_bad_lines"}, why)


def _value(argument: Argument | None) -> object:
    return argument.value.value if argument and isinstance(argument.value, ast.Constant) else None


RULE = anywhere("pandas-read-csv", _find, __doc__, package="pandas", since="2.0")
