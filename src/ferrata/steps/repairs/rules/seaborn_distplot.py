"""`seaborn.distplot`, gone after 0.13 ("please adapt your code to use either displot or histplot"): its plots with the functions that draw them now.

sns.distplot(x)                 sns.histplot(x, kde=True, stat="density")
sns.distplot(x, hist=False)     sns.kdeplot(x)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

_WHY = "distplot was removed after seaborn 0.13"


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        if not context.is_function(call.func, "seaborn", "distplot") or not isinstance(call.func, ast.Attribute):
            continue
        options = {one.name: isinstance(one.value, ast.Constant) and one.value.value for one in text.arguments(call)}
        if set(options) - {"", "a", "hist", "kde", "bins", "color", "label", "ax"}:
            continue
        yield from text.dropped(call, {"hist", "kde"}, _WHY)
        if options.get("hist", True) is False:
            yield Change(*text.attribute_span(call.func), "kdeplot", _WHY)
        else:
            yield Change(*text.attribute_span(call.func), "histplot", _WHY)
            if options.get("kde", True) is not False:
                yield text.appended(call, 'kde=True, stat="density"', _WHY)


RULE = on_failure("seaborn-distplot", _find, __doc__, message="has no attribute 'distplot'|cannot import name 'distplot'", everywhere=True)
