"""Forecasts of several steps that ask the model again with its own answers: the prediction function answers one step, and says so."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from ferrata.steps.deriving.places import ASKING

_GROWING = ("append", "extend", "insert", "add")


def fed_back(sources: Mapping[int, str], order: Iterable[int]) -> int | None:
    """The first statement in whose loop an answer of a model becomes part of what it is asked next; None where there is none."""
    return next((index for index in order if any(map(_is_fed_back, _loops(ast.parse(sources[index]))))), None)


def words(cell: int) -> str:
    """What is said of it."""
    return f"Cell {cell} of the notebook asks the model again with its own answers, step after step: the function answers one step."


def _loops(tree: ast.Module) -> list[ast.For | ast.While]:
    return [node for node in ast.walk(tree) if isinstance(node, (ast.For, ast.While))]


def _is_fed_back(loop: ast.For | ast.While) -> bool:
    """Whether a name that the answer flows into flows into what the model is asked."""
    asking = [node for node in ast.walk(loop) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING]
    flows = [flow for statement in ast.walk(loop) if isinstance(statement, ast.stmt) for flow in _flows(statement)]
    asked = _closed({name for call in asking for argument in call.args for name in _names(argument)}, [(value, names) for names, value in flows])
    answers = _closed(
        {name for names, value in flows if any(call in list(ast.walk(value)) for call in asking) for name in names},
        [(names, value) for names, value in flows],
    )
    return bool(asked & answers)


def _flows(statement: ast.stmt) -> list[tuple[frozenset[str], ast.AST]]:
    """Names that a value goes into, and the value."""
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and statement.value is not None:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        targets = [target for target in targets if not _is_of_a_column(target)]
        return [(frozenset(root for target in targets for root in _roots(target)), statement.value)]
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _GROWING:
        return [(_roots(call.func.value), ast.Tuple(call.args, ast.Load()))]
    return []


def _is_of_a_column(target: ast.expr) -> bool:
    """`table["answers"] = …` is most likely no part of what is asked next; `batch[0, -1] = …`, `table.loc[day, "sales"] = …` are."""
    if not isinstance(target, ast.Subscript) or isinstance(target.value, ast.Attribute):
        return False
    is_text = isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str)
    return is_text or isinstance(target.slice, (ast.Name, ast.JoinedStr))


def _roots(target: ast.expr) -> frozenset[str]:
    """The names that are given a value, or a part: `batch` of `batch[0, -1] = …`."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return frozenset(name for each in target.elts for name in _roots(each))
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
        target = target.value
    return frozenset({target.id}) if isinstance(target, ast.Name) else frozenset()


def _names(node: ast.AST | frozenset[str]) -> frozenset[str]:
    return node if isinstance(node, frozenset) else frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _closed(names: set[str], flows: list[tuple[frozenset[str] | ast.AST, ast.AST | frozenset[str]]]) -> set[str]:
    """The names, and those on the first side of every flow whose other side has one of them."""
    while more := {name for into, value in flows if _names(value) & names for name in _names(into)} - names:
        names = names | more
    return names
