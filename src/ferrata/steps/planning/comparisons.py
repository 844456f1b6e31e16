"""Predictions that the author compares with the truth in plain arithmetic: `(y_pred == y_test).mean()`, `np.sqrt(((y - y_hat) ** 2).mean())`."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

_PREDICTED = re.compile(r"pred|hat|output", re.IGNORECASE)
_ARRAYS = ("Series", "DataFrame", "ndarray", "Tensor", "list")
_NEVER_INSIDE = (ast.Compare, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.BinOp, ast.BoolOp)


def compared(source: str, made: Collection[str], types: Mapping[str, str]) -> tuple[str, str] | None:
    """(truth, prediction) of the last comparison in a statement. `made`: names that hold what the model answered; `types`: of every name."""
    found = None
    for left, right in _sides(source):
        for truth, prediction in ((left, right), (right, left)):
            if _is_pair(_arrays(truth, types), _arrays(prediction, types), set(made)):
                found = ast.unparse(truth), ast.unparse(prediction)
    return found


def _sides(source: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What stands on the two sides of `==`, `!=` and `-`, in the order of the text."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Compare, ast.BinOp))]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            yield node.left, node.right
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            yield node.left, node.comparators[0]


def _arrays(side: ast.expr, types: Mapping[str, str]) -> set[str]:
    """The names of arrays in it; none where it is more than an array, its parts and its conversions."""
    nodes = list(ast.walk(side))
    if any(isinstance(node, _NEVER_INSIDE) for node in nodes):
        return set()
    return {node.id for node in nodes if isinstance(node, ast.Name) and types.get(node.id, "").endswith(_ARRAYS)}


def _is_pair(truth: set[str], prediction: set[str], made: set[str]) -> bool:
    if not truth or not prediction or not prediction <= made or truth & prediction or any(map(_PREDICTED.search, truth)):
        return False
    # Of two names that a loop fills at once, the names must say which is which.
    return not truth & made or (truth <= made and all(map(_PREDICTED.search, prediction)))
