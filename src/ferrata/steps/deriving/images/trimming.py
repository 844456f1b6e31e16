"""What else the author's function around a loop over files, or for one file of a data set, does: labels, lists of folders and messages fall away."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ferrata.source.edits import LineTable, node_span
from ferrata.source.names import body_names
from ferrata.steps.deriving.images.readings import DROPPED, Reading


def trimmed(index: int, source: str, function: ast.FunctionDef, readings: Sequence[Reading]) -> list[Reading]:
    """More edits of the function: statements that only labels need are dropped, and None stands for what is given back beside the images.

    None at all where the function gives its images back in another way than in its last statement.
    """
    last = function.body[-1]
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    if not isinstance(last, ast.Return) or last.value is None or len(returns) != 1:
        return []
    table = LineTable(source)
    derived = _derived(function, table, readings)
    parts = _parts(last.value)
    others = [part for part in parts if not _names(part) & derived and not isinstance(part, ast.Constant)]
    if len(others) == len(parts):
        return []
    needed = {name for part in parts if part not in others for name in _names(part)}
    found = [Reading(index, node_span(table, part), "None") for part in others]
    for node in reversed(function.body[:-1]):
        inside = _inside(node, table, readings)
        names = body_names([node])
        if inside or ((names.binds | names.mutates) & needed and not _is_shuffle(node)):
            needed |= {name for each in inside for name in _names(_parsed(each.text, node.col_offset))} if inside else names.reads
        elif not _is_docstring(node):
            found.append(Reading(index, node_span(table, node), DROPPED))
    return found


def without_label(index: int, source: str, function: ast.FunctionDef) -> list[Reading]:
    """Edits of a function that gives an image and then its label: None stands for the label, and what only that needs is dropped.

    None at all where the label is at hand without being made, or where the function gives back in another way than in its last statement.
    """
    last = function.body[-1]
    value = last.value if isinstance(last, ast.Return) else None
    is_only = sum(isinstance(node, ast.Return) for node in ast.walk(function)) == 1
    labels = value.elts[1:] if isinstance(value, ast.Tuple) and is_only else []
    if not isinstance(value, ast.Tuple) or all(isinstance(part, ast.Constant) or _is_parameter(part, function) for part in labels):
        return []
    table, needed = LineTable(source), _names(value.elts[0])
    found = [Reading(index, node_span(table, part), "None") for part in labels]
    for node in reversed(function.body[:-1]):
        names = body_names([node])
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and not (names.binds | names.mutates) & needed:
            found.append(Reading(index, node_span(table, node), DROPPED))
        elif not _is_docstring(node):
            needed |= names.reads
    return found


def _is_parameter(node: ast.expr, function: ast.FunctionDef) -> bool:
    """A label that is given to the function comes back as it is."""
    bound = body_names(function.body).binds
    return isinstance(node, ast.Name) and node.id not in bound


def _derived(function: ast.FunctionDef, table: LineTable, readings: Sequence[Reading]) -> set[str]:
    """The names that hold images, or what was made of them."""
    found = {name for reading in readings for name in reading.containers}
    for node in function.body:
        names = body_names([node])
        if (_inside(node, table, readings) and not any(each.containers for each in _inside(node, table, readings))) or names.reads & found:
            found |= names.binds
    return found


def _inside(node: ast.stmt, table: LineTable, readings: Sequence[Reading]) -> list[Reading]:
    start, end = node_span(table, node)
    return [each for each in readings if start <= each.span[0] and each.span[1] <= end]


def _parts(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, (ast.Tuple, ast.List)):
        return value.elts
    if isinstance(value, ast.Call) and len(value.args) + len(value.keywords) > 1:
        return [*value.args, *(keyword.value for keyword in value.keywords)]
    return [value]


def _parsed(text: str, indent: int) -> ast.AST:
    return ast.parse(text.replace("\n" + " " * indent, "\n"))


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _is_shuffle(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "shuffle"


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
