"""What a lambda computes about the whole column (or group) that it is given: `column.mean()` in `lambda column: column.fillna(column.mean())`."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ferrata.dataflow.names import words

# Methods of a column that give one value of all of it, and NumPy's functions of these names.
_REDUCES = frozenset({
    "mean", "median", "mode", "std", "var", "min", "max", "sum", "prod", "quantile", "count", "nunique", "value_counts", "idxmax", "idxmin", "skew", "kurt",
    "percentile", "nanmean", "nanmedian", "nanstd",
})  # fmt: skip


@dataclass(frozen=True)
class Lambda:
    """`name` of its one argument."""

    name: str
    body: ast.expr


def lambda_of(call: ast.Call) -> Lambda | None:
    """The lambda that a call such as `apply` or `transform` is given, where it works on one column after the other."""
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Lambda) or not all(_is_by_column(each) for each in call.keywords):
        return None
    arguments = call.args[0].args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return Lambda(every[0].arg, call.args[0].body) if len(every) == 1 and not arguments.vararg and not arguments.kwarg else None


def _is_by_column(keyword: ast.keyword) -> bool:
    return keyword.arg == "axis" and isinstance(keyword.value, ast.Constant) and keyword.value.value in (0, "index", "rows")


def wholes(made: Lambda) -> list[ast.expr]:
    """The outermost expressions that are one value of all of the argument, in their order; those said twice are there twice."""
    return _wholes(made.body, made.name)


def _wholes(node: ast.AST, name: str) -> list[ast.expr]:
    if isinstance(node, ast.expr) and _is_whole(node, name):
        return [node]
    if isinstance(node, ast.Lambda):
        return []
    return [found for child in ast.iter_child_nodes(node) for found in _wholes(child, name)]


def _is_whole(node: ast.expr, name: str) -> bool:
    """`x.mean()`, `np.mean(x)`, and what is taken of it: `x.mode()[0]`, `x.value_counts().index[0]`."""
    if isinstance(node, ast.Call):
        function = node.func
        if not isinstance(function, ast.Attribute):
            return False
        is_method = function.attr in _REDUCES and _is_name(function.value, name)
        is_function = function.attr in _REDUCES and bool(node.args) and _is_name(node.args[0], name)
        return is_method or is_function or _is_whole(function.value, name)
    return isinstance(node, (ast.Attribute, ast.Subscript)) and _is_whole(node.value, name)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def named_whole(made: Lambda, whole: ast.expr) -> str:
    """What is computed, for a name: `value_counts_index`."""
    found = [word for each in ast.walk(whole) if isinstance(each, ast.Attribute) and not _is_name(each, made.name) for word in reversed(words(each.attr))]
    return "_".join(reversed(found[:4]))
