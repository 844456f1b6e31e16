"""The attributes of a data set object, in the author's own words: as its class was called, or as its `__init__` makes them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ferrata.dataflow.definitions import definition_names, is_import
from ferrata.records.derivation import Unit
from ferrata.records.observation import Site
from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.source.names import statement_names
from ferrata.steps.deriving.follow import order_of
from ferrata.steps.deriving.places import Stuck, site_of
from ferrata.steps.deriving.slices import Slice

_ME = "self"


@dataclass
class Attributes:
    """`about` is what the observer found of the object. `units` are the statements that its attributes need, in order; `names` what they are called."""

    found: Slice
    about: Mapping[str, Any]
    classes: Mapping[str, ast.ClassDef]
    units: list[Unit] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    @property
    def statement(self) -> int:
        """Where the object is made, else where the network is asked about it."""
        made = self.about["made"]
        return int(made[0]) if made else int(self.found.facts.answer["images"]["torch"]["call"][0])

    @property
    def names(self) -> set[str]:
        return {name for index in order_of(self.found.plan) for name in self.found.traces[index].binds}

    def written(self, text: str) -> str:
        """The text with the object's attributes in the author's words."""
        tree, table, edits = ast.parse(text), LineTable(text), list[tuple[int, int, str]]()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == _ME:
                edits.append((*node_span(table, node), self.text(node.attr)))
        made = apply_edits(text, edits)
        if _ME in {node.id for node in ast.walk(ast.parse(made)) if isinstance(node, ast.Name)}:
            raise Stuck(f"what `{self.about['class']}` does with an image needs the whole object")
        return made

    def text(self, name: str) -> str:
        """An expression of the attribute's value. Stuck where there is none."""
        if name not in self.known:
            self.known[name] = self._text(name)
        return self.known[name]

    def _text(self, name: str) -> str:
        about = self.about["attributes"].get(name)
        if about is None:
            raise Stuck(f"`{name}` of `{self.about['class']}` is a method, or made by the class")
        if about["text"]:
            return str(about["text"])
        made = self._made(about) if about["made"] else None
        text = made or self._of_call(name)
        if text is None:
            raise Stuck(f"how `{name}` of `{self.about['class']}` was made could not be told")
        return text

    def _made(self, about: Mapping[str, Any]) -> str | None:
        """The very call that gave the object: the name that a statement gives it, else its own text; None inside of a function."""
        statement, *site = about["made"]
        source = self.found.code.sources[statement]
        (body,) = ast.parse(source).body
        node = next(each for each in ast.walk(body) if isinstance(each, ast.Call) and site_of(each) == Site(*site))
        if isinstance(body, ast.Assign) and body.value is node and len(body.targets) == 1 and isinstance(body.targets[0], ast.Name):
            self._take(statement, source.rstrip())
            return body.targets[0].id
        start, end = node_span(LineTable(source), node)
        if isinstance(body, (ast.Assign, ast.AnnAssign, ast.Expr)):
            return self._named(statement, source[start:end])
        return self._of_function(statement, body, node, about["names"])

    def _of_function(self, statement: int, body: ast.stmt, node: ast.Call, values: Mapping[str, str]) -> str | None:
        """A call inside of a function or a class: with the values that its own names had; None where one had none that can be written."""
        own = {each.arg for each in ast.walk(body) if isinstance(each, ast.arg)}
        own |= {each.id for each in ast.walk(body) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        text = ast.unparse(node)
        inner = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & own
        if inner - values.keys():
            return None
        tree, table = ast.parse(text), LineTable(text)
        names = [each for each in ast.walk(tree) if isinstance(each, ast.Name) and each.id in inner]
        return self._named(statement, apply_edits(text, [(*node_span(table, each), values[each.id]) for each in names]))

    def _named(self, statement: int, text: str, wanted: str = "transform") -> str:
        """A statement that gives the value a name which the author does not use for another."""
        used = self.names | self._bound()
        name = next(each for each in (wanted, f"{wanted}_of_image", f"{wanted}_of_one_image") if each not in used)
        self._take(statement, f"{name} = {text}")
        return name

    def _bound(self) -> set[str]:
        return {name for unit in self.units for name in unit.binds}

    def _of_call(self, name: str) -> str | None:
        """What the class was given for it: `self.transform = transform` and `Pets(paths, transform=plain)`."""
        value = self._assigned(name)
        if not isinstance(value, ast.Name) or not self.about["made"]:
            return None
        statement, *site = self.about["made"]
        source = self.found.code.sources[statement]
        call = next((each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call) and site_of(each) == Site(*site)), None)
        given = _argument(self._init(), call, value.id) if call is not None else None
        if given is None or not self._is_global(statement, given):
            return None
        return self._said(statement, name, given)

    def _said(self, statement: int, name: str, given: ast.expr) -> str:
        if not isinstance(given, ast.Name):
            return self._named(statement, ast.unparse(given), name)
        self._follow(statement, {given.id})
        return given.id

    def _is_global(self, statement: int, node: ast.expr) -> bool:
        """Whether its names are those of the notebook, not of a function."""
        (body,) = ast.parse(self.found.code.sources[statement]).body
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        return isinstance(body, (ast.Assign, ast.AnnAssign, ast.Expr)) or not names

    def _init(self) -> ast.FunctionDef | None:
        node = self.classes.get(self.about["class"])
        return next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None) if node else None

    def _assigned(self, name: str) -> ast.expr | None:
        """What `__init__` gives the attribute, where it does so once."""
        init = self._init()
        nodes = [node for node in ast.walk(init) if isinstance(node, ast.Assign)] if init else []
        found = [node.value for node in nodes for target in node.targets if ast.unparse(target) == f"self.{name}"]
        return found[0] if len(found) == 1 else None

    def _take(self, statement: int, text: str) -> None:
        """Add a statement, behind those that it needs."""
        names = statement_names(text)
        reads = names.reads | names.deferred_reads
        self._follow(statement, set(reads))
        unit = Unit(statement, text, names.binds, reads)
        if unit not in self.units:
            self.units.append(unit)

    def _follow(self, statement: int, names: set[str]) -> None:
        """The statements that make what cannot be recorded beside the model, such as transforms and functions made by calls."""
        order = order_of(self.found.plan)
        kept = self.found.facts.names.get(statement, {})
        for name in sorted(names):
            writers = [index for index in order[: order.index(statement)] if name in self.found.traces[index].binds]
            if not writers or (kept.get(name) or {}).get("format"):
                continue
            source = self.found.code.sources[writers[-1]].rstrip()
            if not is_import(source) and not definition_names(source) and isinstance(ast.parse(source).body[0], (ast.Assign, ast.AnnAssign)):
                self._take(writers[-1], source)


def _argument(init: ast.FunctionDef | None, call: ast.Call, name: str) -> ast.expr | None:
    """What a call gives for a parameter, or what the parameter is without."""
    if init is None:
        return None
    names = [each.arg for each in init.args.args][1:]
    defaults = dict(zip(names[len(names) - len(init.args.defaults) :], init.args.defaults, strict=True))
    defaults |= {each.arg: value for each, value in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True) if value is not None}
    given = dict(zip(names, call.args, strict=False)) | {each.arg: each.value for each in call.keywords if each.arg}
    return given.get(name, defaults.get(name))


__all__ = ["Attributes"]
