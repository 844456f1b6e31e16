"""Predictions that the author compares with the truth in plain arithmetic: `(y_pred == y_test).mean()`, `np.sqrt(((y - y_hat) ** 2).mean())`."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

_PREDICTED = re.compile(r"pred|hat|output", re.IGNORECASE)
_ARRAYS = ("Series", "DataFrame", "ndarray", "Tensor", "list")
# What gives an array of the same rows: methods, and functions of NumPy and torch.
_SAME_ROWS = frozenset(
    "values T to_numpy numpy detach cpu flatten ravel reshape squeeze unsqueeze astype float int long double view tolist array asarray concatenate cat hstack "
    "vstack round".split()
)


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
    """The one name of an array in it; none where it is more than that array, rows of it that an array or a slice picks, and its conversions."""
    if isinstance(side, ast.Name):
        return {side.id} if types.get(side.id, "").endswith(_ARRAYS) else set()
    if isinstance(side, ast.Attribute):
        return _arrays(side.value, types) if side.attr in _SAME_ROWS else set()
    if isinstance(side, ast.Subscript):
        index = side.slice.elts[0] if isinstance(side.slice, ast.Tuple) and side.slice.elts else side.slice
        return _arrays(side.value, types) if isinstance(index, ast.Slice) or _arrays(index, types) else set()
    if isinstance(side, ast.Call) and isinstance(side.func, ast.Attribute) and side.func.attr in _SAME_ROWS:
        return _arrays(side.func.value, types) or (_arrays(side.args[0], types) if side.args else set())
    return set()


def _is_pair(truth: set[str], prediction: set[str], made: set[str]) -> bool:
    if not truth or not prediction or not prediction <= made or truth & prediction or any(map(_PREDICTED.search, truth)):
        return False
    # Of two names that a loop fills at once, the names must say which is which.
    return not truth & made or (truth <= made and all(map(_PREDICTED.search, prediction)))
