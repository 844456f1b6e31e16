"""`get_dummies` gives booleans since pandas 2.0 where it gave 0 and 1; arithmetic on them or statsmodels then fails.

pd.get_dummies(df)          pd.get_dummies(df, dtype=int)
"""

from __future__ import annotations

from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        if context.is_function(call.func, "pandas", "get_dummies") and text.argument(call, "dtype") is None and text.arguments(call):
            yield text.appended(call, "dtype=int", "get_dummies gives booleans since pandas 2.0, not 0 and 1")


RULE = on_failure(
    "pandas-dummies",
    _find,
    __doc__,
    package="pandas",
    since="2.0",
    everywhere=True,
    message=r"numpy boolean subtract|Pandas data cast to numpy dtype of object|ufunc '\w+' not supported for the input types"
    r"|Failed to convert a NumPy array to a Tensor|Invalid dtype: object",
)
