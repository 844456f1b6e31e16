"""`KFold(random_state=…)` without shuffling: scikit-learn 0.24 raises, because the seed never had an effect.

KFold(n_splits=5, random_state=7)       KFold(n_splits=5)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        if not context.is_function(call.func, "sklearn", "KFold", "StratifiedKFold") or text.argument(call, "random_state") is None:
            continue
        shuffle = text.argument(call, "shuffle")
        is_off = shuffle is None or (isinstance(shuffle.value, ast.Constant) and shuffle.value.value is False)
        if is_off and len(call.args) < 2 and not (isinstance(_seed(call), ast.Constant) and _seed(call).value is None):  # type: ignore[union-attr]
            yield from text.dropped(call, {"random_state"}, "random_state= without shuffle=True has no effect, and scikit-learn 0.24 refuses it")


def _seed(call: ast.Call) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == "random_state"), None)


RULE = anywhere("sklearn-unshuffled-seed", _find, __doc__, package="scikit-learn", since="0.24")
