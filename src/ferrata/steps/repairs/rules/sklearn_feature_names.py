"""Column names that differ between fit and predict: scikit-learn 1.2 raises ("The feature names should match those that were passed during fit") where it
went by position.

The table is given without its names, so that it goes by position again; a different number of columns still fails.

    model.predict(test)         model.predict(test.to_numpy())
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

_METHODS = frozenset("predict predict_proba predict_log_proba decision_function transform score".split())


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        is_use = isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS and bool(call.args)
        if is_use and isinstance(call.args[0], (ast.Name, ast.Subscript, ast.Attribute)) and not text.of(call.args[0]).endswith(".values"):
            end = text.span(call.args[0])[1]
            yield Change(
                end, end, ".to_numpy()", "since scikit-learn 1.2 columns must have the names they had in fit(); before, only their order counted"
            )


RULE = on_failure(
    "sklearn-feature-names",
    _find,
    __doc__,
    message=r"feature names should match those that were passed during fit",
    package="scikit-learn",
    since="1.2",
)
