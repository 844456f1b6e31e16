"""How likely each class is, from the numbers of a network that the author's statements ask for and go by."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from ferrata.records.derivation import Unit
from ferrata.source.names import statement_names
from ferrata.steps.deriving.images.outputs import OUTPUTS, hoisted
from ferrata.steps.deriving.places import ASKING

Told = tuple[list[Unit], str, str, Sequence[object]]


def with_outputs(units: Sequence[Unit], answer: str, model: str, width: int) -> Told:
    """The units, the answer, the expression of the probabilities ("": none) and the classes. The network is asked once: its numbers have a name."""
    none: Told = ([*units], answer, "", ())
    asking = [unit for unit in units if _asks(unit.text, model)]
    if len(asking) + _asks(answer, model) != 1:
        return none
    if not asking:
        named = _named(answer, Unit(units[-1].statement if units else -1, answer, frozenset(), frozenset()))
        return none if named is None or _is_taken(units) else ([*units, named[0]], named[1], *_chances(OUTPUTS, width))
    place = units.index(asking[0])
    own = _own_name(asking[0].text)
    if own and not any(own in unit.binds for unit in units[place + 1 :]):
        return [*units], answer, *_chances(own, width)
    named = _named(asking[0].text, asking[0])
    if named is None or _is_taken(units):
        return none
    return [*units[:place], named[0], replace(asking[0], text=named[1]), *units[place + 1 :]], answer, *_chances(OUTPUTS, width)


def _asks(text: str, model: str) -> int:
    """How many times the network is asked."""
    return sum(isinstance(node, ast.Attribute) and node.attr in ASKING and ast.unparse(node.value) == f"state.{model}"
               for node in ast.walk(ast.parse(text)))  # fmt: skip


def _named(text: str, unit: Unit) -> tuple[Unit, str] | None:
    """A unit that gives the network's numbers their name, and the text with it in place of the call."""
    found = hoisted(text)
    if found is None or _is_inside(text):
        return None
    call, rest = found
    return replace(unit, text=f"{OUTPUTS} = {call}", binds=frozenset({OUTPUTS}), reads=frozenset(statement_names(call).reads)), rest


def _is_inside(text: str) -> bool:
    """Whether the statement is more than an assignment or an expression: what stands in a loop or a condition may not be asked before it."""
    body = ast.parse(text).body
    is_plain = len(body) == 1 and isinstance(body[0], (ast.Assign, ast.AnnAssign, ast.Expr))
    return not is_plain or any(isinstance(node, (ast.comprehension, ast.Lambda, ast.IfExp, ast.BoolOp)) for node in ast.walk(body[0]))


def _own_name(text: str) -> str:
    """The name that the author gives the numbers themselves, or ""."""
    node = ast.parse(text).body[0]
    is_named = isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call)
    if not is_named:
        return ""
    assert isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name)
    is_asking = isinstance(node.value.func, ast.Attribute) and node.value.func.attr in ASKING
    return node.targets[0].id if is_asking else ""


def _is_taken(units: Sequence[Unit]) -> bool:
    return any(OUTPUTS in {*unit.binds, *unit.reads} for unit in units)


def _chances(name: str, width: int) -> tuple[str, Sequence[object]]:
    return (name, tuple(range(width))) if width > 1 else (f"np.column_stack([1 - {name}[:, 0], {name}[:, 0]])", (0, 1))
