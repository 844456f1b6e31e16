"""`LogisticRegression(multi_class="ovr")` is gone in scikit-learn 1.8, and its liblinear solver refuses more than two classes.

Its documentation: "use OneVsRestClassifier(LogisticRegression(...))". The wrapper has no `coef_` and other parameter names, so a notebook that reads
coefficients or searches parameters is left alone.

    LogisticRegression(multi_class="ovr")       OneVsRestClassifier(LogisticRegression())
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

_WHY = "one-versus-rest is asked for with OneVsRestClassifier since scikit-learn 1.8"
_MESSAGE = r"unexpected keyword argument 'multi_class'|'liblinear' solver does not support multiclass"


def _find(text: Text, context: Context) -> Iterator[Change]:
    if any(word in other.source for other in context.texts for word in ("SearchCV", ".coef_", ".intercept_")):
        return
    for call in text.calls():
        if not context.is_function(call.func, "sklearn", "LogisticRegression") or _is_wrapped(call, text):
            continue
        multi_class, solver = text.argument(call, "multi_class"), text.argument(call, "solver")
        asked = multi_class is not None and isinstance(multi_class.value, ast.Constant) and multi_class.value.value == "ovr"
        liblinear = (
            solver is not None and isinstance(solver.value, ast.Constant) and solver.value.value == "liblinear" and "liblinear" in context.message
        )
        if asked or liblinear:
            start, end = text.span(call)
            yield Change(start, start, "OneVsRestClassifier(", _WHY)
            yield from text.dropped(call, {"multi_class"}, _WHY)
            yield Change(end, end, ")", _WHY)
            if "OneVsRestClassifier" not in context.names and text.statement.column == 0:
                yield Change(0, 0, "from sklearn.multiclass import OneVsRestClassifier\n", _WHY)


def _is_wrapped(call: ast.Call, text: Text) -> bool:
    above = text.parents.get(call)
    return isinstance(above, ast.Call) and ast.unparse(above.func).endswith("OneVsRestClassifier")


RULE = on_failure("sklearn-one-versus-rest", _find, __doc__, message=_MESSAGE, package="scikit-learn", since="1.8", everywhere=True)
