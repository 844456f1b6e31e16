"""seaborn takes the data first and x, y by name since 0.12; they used to come first by position.

sns.countplot(df["a"])              sns.countplot(x=df["a"])
sns.barplot("a", "b", data=df)      sns.barplot(x="a", y="b", data=df)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_CATEGORICAL = "countplot barplot boxplot violinplot stripplot swarmplot pointplot boxenplot catplot factorplot scatterplot lineplot relplot".split()
_ORDER = dict.fromkeys(_CATEGORICAL, ("x", "y", "hue", "data")) | dict.fromkeys(("lmplot", "regplot", "residplot", "jointplot"), ("x", "y", "data"))


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        name = context.dotted(call.func).rpartition(".")[2]
        if name not in _ORDER or not context.is_function(call.func, "seaborn", name) or not call.args:
            continue
        given = text.arguments(call)
        positional = [one for one in given if not one.name]
        names = {one.name for one in given}
        if any(one.is_starred for one in positional) or len(positional) > len(_ORDER[name]) or set(_ORDER[name][: len(positional)]) & names:
            continue
        if len(positional) > 1 or _is_vector(positional[0].value, context) or "data" in names:
            for one, keyword in zip(positional, _ORDER[name], strict=False):
                yield Change(one.start, one.start, f"{keyword}=", f"{name}() takes {keyword} by name since seaborn 0.12")


def _is_vector(node: ast.expr, context: Context) -> bool:
    """One column or the name of one: neither is a table of data."""
    kind = context.kinds.of(node)
    is_item = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    return kind in ("column", "text") or is_item


RULE = anywhere("seaborn-positional", _find, __doc__, package="seaborn", since="0.12")
