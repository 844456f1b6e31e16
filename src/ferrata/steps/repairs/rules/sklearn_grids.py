"""Parameter grids with values that scikit-learn renamed: `{"max_features": ["auto", "sqrt"]}`.

What "auto" meant depends on the estimator, so a notebook with both forests of classifiers and of regressors is left alone. A grid that fails in part
does not raise, it only warns and picks among the rest: this is tried for failures and for what runs and lies.

    {"rf__max_features": ["auto"]}          {"rf__max_features": ["sqrt"]}
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_COMMON = {("criterion", "mse"): "squared_error", ("criterion", "mae"): "absolute_error", ("loss", "deviance"): "log_loss", ("loss", "ls"): "squared_error",
           ("loss", "lad"): "absolute_error", ("loss", "log"): "log_loss"}  # fmt: skip
_FORESTS = ("RandomForest", "ExtraTrees", "DecisionTree", "ExtraTree", "GradientBoosting")


def _find(text: Text, context: Context) -> Iterator[Change]:
    if not any("sklearn" in path for path in context.names.values()):
        return
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, (ast.List, ast.Tuple)):
                    yield from _values(key.value.rpartition("__")[2], value, text, context)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith("base_estimator__")
            and context.has("scikit-learn", "1.4")
        ):
            quote = text.of(node)[0]
            yield text.replaced(node, f"{quote}{node.value.removeprefix('base_')}{quote}", "base_estimator is estimator since scikit-learn 1.4")


def _values(name: str, values: ast.List | ast.Tuple, text: Text, context: Context) -> Iterator[Change]:
    for one in values.elts:
        if not isinstance(one, ast.Constant) or not isinstance(one.value, str):
            continue
        quote = text.of(one)[0]
        if name == "max_features" and one.value == "auto":
            new = _auto(context, quote)
        elif name == "penalty" and one.value == "none":
            new = "None"
        else:
            new = f"{quote}{_COMMON[name, one.value]}{quote}" if (name, one.value) in _COMMON else ""
        if new:
            yield text.replaced(one, new, f'{name}="{one.value}" is {new} since scikit-learn 1.3')


def _auto(context: Context, quote: str) -> str:
    kinds = {path.rpartition(".")[2] for path in context.names.values() if path.startswith("sklearn")}
    classifier = any(f"{name}Classifier" in kinds for name in _FORESTS)
    regressor = any(f"{name}Regressor" in kinds for name in _FORESTS)
    return "" if classifier == regressor else f"{quote}sqrt{quote}" if classifier else "1.0"


RULE = anywhere("sklearn-grid-value", _find, __doc__, package="scikit-learn", since="1.3")
