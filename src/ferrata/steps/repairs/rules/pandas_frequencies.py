"""Frequency names: pandas 3.0 takes "ME", "QE", "YE", "h", "min", "s" for "M", "Q", "A"/"Y", "H", "T", "S" (deprecated in 2.2). Periods keep the old ones.

df.resample("M").sum()                  df.resample("ME").sum()
pd.date_range("2020", periods=5, freq="12H")    pd.date_range("2020", periods=5, freq="12h")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_NEW = {
    "M": "ME",
    "Q": "QE",
    "Y": "YE",
    "A": "YE",
    "BM": "BME",
    "BQ": "BQE",
    "BY": "BYE",
    "BA": "BYE",
    "SM": "SME",
    "CBM": "CBME",
    "AS": "YS",
    "BAS": "BYS",
    "H": "h",
    "BH": "bh",
    "T": "min",
    "S": "s",
    "L": "ms",
    "U": "us",
    "N": "ns",
}
_METHODS = frozenset(("resample", "asfreq"))
_ROUNDING = frozenset(("floor", "ceil", "round"))
_FUNCTIONS = frozenset(("date_range", "bdate_range", "timedelta_range", "Grouper", "infer_freq", "DatetimeIndex"))


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        for node in _frequencies(call, context):
            assert isinstance(node.value, str)
            found = re.fullmatch(r"(\d*)([A-Z]+)(-[A-Z]{3})?", node.value)
            if found and found[2] in _NEW:
                new = f"{found[1]}{_NEW[found[2]]}{found[3] or ''}"
                quote = text.of(node)[0]
                yield text.replaced(node, f"{quote}{new}{quote}", f'the frequency "{node.value}" is "{new}" since pandas 3.0')


def _frequencies(call: ast.Call, context: Context) -> Iterator[ast.Constant]:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    is_function = context.is_function(call.func, "pandas", *_FUNCTIONS)
    candidates = [keyword.value for keyword in call.keywords if keyword.arg in ("freq", "rule") and (is_function or method in _METHODS | _ROUNDING)]
    if not context.dotted(call.func) and call.args:
        is_rounding = (
            method in _ROUNDING
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Attribute)
            and call.func.value.attr == "dt"
        )
        candidates += [call.args[0]] if method in _METHODS or is_rounding else []
    return (node for node in candidates if isinstance(node, ast.Constant) and isinstance(node.value, str))


RULE = anywhere("pandas-frequency", _find, __doc__, package="pandas", since="3.0")
