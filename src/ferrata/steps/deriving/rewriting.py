"""The author's expressions for one row: values about all rows become recorded ones, steps that only make sense on a data set fall away."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ferrata.dataflow.names import words
from ferrata.records.derivation import Fact, Facts, Obstacle
from ferrata.records.observation import Site
from ferrata.records.plan import Change, Frozen
from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.steps.deriving.images.readings import Readings
from ferrata.steps.deriving.places import Stuck, site_of

FOLDER = "model/frozen"
Edit = tuple[int, int, str]
_OF_ONE = frozenset({"values", "fits"})  # rules that record the one of several tables that is followed
# Methods that leave out or reorder rows, whether or not they did on the author's data.
ROW_FILTERS = frozenset({
    "dropna", "drop_duplicates", "sample", "sort_values", "sort_index", "head", "tail", "query", "nlargest", "nsmallest", "truncate", "asfreq",
})


def why_not_recorded(kept: Mapping[str, Any], name: str = "") -> str:
    """Why a value cannot stand beside the model, as half a sentence."""
    what = f"`{name}` ({kept.get('type')})" if name else str(kept.get("type", "a value"))
    size = kept.get("megabytes")
    return f"{what} has {size} MB, too much to be recorded beside the model" if size else f"{what} cannot be written to a file and read back unchanged"


@dataclass
class Registry:
    """Names for recorded values. What is recorded, and the edits of the pipeline that record it; `taken` are the author's names. `is_complete`: a gap is
    rejected where the notebook fills it from the rows around it. `doubts`: statements that most likely have no answer for one row."""

    taken: Collection[str]
    frozen: dict[str, Frozen] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    is_complete: bool = False
    doubts: list[Obstacle] = field(default_factory=list)

    def add(self, wanted: str, kept: dict[str, Any], statement: int, *, by_key: bool = False) -> Frozen:
        if not kept.get("format"):
            raise Stuck(why_not_recorded(kept))
        name = self._free(wanted)
        made = Frozen(name, f"{FOLDER}/{name}{kept['suffix']}", kept["format"], statement, by_key, tuple(kept.get("trusted", ())))
        self.frozen[name] = made
        return made

    def local(self, wanted: str) -> str:
        """A name for a variable of the pipeline that the author does not use."""
        return wanted if wanted not in self.taken else f"{wanted}_fitted"

    def _free(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self.frozen:
            number += 1
            name = f"{wanted}_{number}"
        return name


@dataclass
class Rewriter:
    """Rewrites the text of one statement. `root`: the number of the place whose value is the table of rows; `is_in_order`: the rows of all questions stand
    one below the other, each behind those before it."""

    statement: int
    source: str
    facts: Facts
    registry: Registry
    root: int
    readings: Readings = field(default_factory=Readings)
    is_in_order: bool = False

    def __post_init__(self) -> None:
        self.table = LineTable(self.source)
        self.loops: list[str] = []
        self.simple: list[ast.stmt] = []
        self.recorded: dict[str, Frozen] = {}
        self.keys: dict[str, str] = {}
        self.is_definition = isinstance(ast.parse(self.source).body[0], ast.FunctionDef) if self.source.strip() else False

    def fact(self, node: ast.AST) -> Fact | None:
        if not isinstance(node, ast.expr):
            return None
        return self.facts.at(self.statement, site_of(node))

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The rewritten text of a node."""
        start, end = node_span(self.table, node)
        inner = [(a - start, b - start, text) for a, b, text in self.edits(node)]
        return apply_edits(self.source[start:end], inner)

    def edits(self, node: ast.AST) -> list[Edit]:
        """Edits on the statement's text, from the outside in: the first expression that a rule knows is replaced whole."""
        from ferrata.steps.deriving.rules import RULES

        of_images = self._of_images(node)
        if of_images is not None:
            return of_images
        fact = self.fact(node)
        if fact is not None and isinstance(node, ast.expr):
            for rule in RULES:
                known = len(self.registry.frozen)
                made = rule.rewrite(self, node, fact)
                if made is not None and fact.details.get("nth") and len(self.registry.frozen) > known and rule.__name__.rpartition(".")[2] not in _OF_ONE:
                    raise Stuck(f"`{ast.unparse(node)[:80]}` is computed for one table after the other")
                if made is not None:
                    return list(made)
        return self._inside(node)

    def _of_images(self, node: ast.AST) -> list[Edit] | None:
        """A loop over files, and a call of a function that holds one: only what it needs besides the files."""
        if not self.readings.found or not isinstance(node, (ast.expr, ast.stmt)):
            return None
        span = node_span(self.table, node)
        reading = next((each for each in self.readings.of(self.statement) if each.span == span), None)
        if reading is not None:
            if reading.why:
                raise Stuck(reading.why)
            return [(*span, reading.text)]
        unused = self.readings.unused.get(node.func.id) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
        if unused is None or not isinstance(node, ast.Call):
            return None
        return [edit for n, each in enumerate(node.args) for edit in (self.replaced(each, "None") if n in unused else self.edits(each))]

    def _inside(self, node: ast.AST) -> list[Edit]:
        entered = isinstance(node, ast.For) and isinstance(node.target, ast.Name)
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            found = self._every_row(node) or self.edits(node.iter)
            self.loops.append(node.target.id)
            children: list[ast.AST] = [*node.body, *node.orelse]
        else:
            found, children = [], list(ast.iter_child_nodes(node))
        for child in children:
            is_simple = isinstance(child, ast.stmt) and not hasattr(child, "body")
            self.simple += [child] if is_simple and isinstance(child, ast.stmt) else []
            found += self.edits(child)
            if is_simple:
                self.simple.pop()
        if entered:
            self.loops.pop()
        return found

    def _every_row(self, loop: ast.For) -> list[Edit]:
        """`for i in range(0, 1000): … df["text"][i]` of a table of 1000 rows → as many as there are."""
        stop = loop.iter.args[-1] if isinstance(loop.iter, ast.Call) and ast.unparse(loop.iter.func) == "range" and 0 < len(loop.iter.args) < 3 else None
        if not isinstance(stop, ast.Constant):
            return []
        for each in (inner for statement in loop.body for inner in ast.walk(statement)):
            fact = self.fact(each)
            table = self.inner(each, fact.source) if fact is not None and fact.kind == "element" and isinstance(each, ast.expr) else None
            if fact is not None and table is not None and fact.details.get("rows") == stop.value:
                return self.replaced(stop, f"len({self.text(table)})")
        return []

    def replaced(self, node: ast.expr, text: str) -> list[Edit]:
        start, end = node_span(self.table, node)
        return [(start, end, text)]

    def inner(self, node: ast.expr, site: Site | None) -> ast.expr | None:
        """The expression inside `node` at a place."""
        return next((each for each in ast.walk(node) if isinstance(each, ast.expr) and site_of(each) == site), None) if site else None

    def keyed(self, frozen: Frozen, node: ast.expr, fact: Fact) -> Frozen:
        """Remember by which column's name the value is kept, where a function was called for one column after the other."""
        series = fact.details.get("series")
        source = self.inner(node, Site(*series)) if series else None
        if source is not None:
            self.keys[frozen.name] = f"{ast.unparse(source)}.name"
        return frozen

    def state(self, frozen: Frozen) -> str:
        """How the recorded value is written: by the loop's variable where each turn has its own, or by the column's name."""
        if frozen.name in self.keys:
            return f"state.{frozen.name}[{self.keys[frozen.name]}]"
        if frozen.by_key:
            if not self.loops:
                raise Stuck("a value is computed anew in every turn of a loop elsewhere")
            return f"state.{frozen.name}[{self.loops[-1]}]"
        return f"state.{frozen.name}"

    def freeze(self, frozen: Frozen, fact: Fact) -> str:
        """The call that records: each time anew, or of several tables one after the other that of the one that is followed."""
        nth = fact.details.get("nth")
        return f'freeze_nth("{frozen.path}", {nth}, ' if nth and not frozen.by_key else f'freeze("{frozen.path}", '

    def key(self, frozen: Frozen) -> str:
        if frozen.name in self.keys:
            return f", {self.keys[frozen.name]}"
        return f", {self.loops[-1]}" if frozen.by_key and self.loops else ""

    def wrap(self, node: ast.expr, before: str, after: str = ")") -> None:
        """Let the pipeline record this expression: text in front of it and behind it."""
        start, end = node_span(self.table, node)
        self.registry.changes += [Change(self.statement, start, start, before), Change(self.statement, end, end, after)]

    def follow(self, line: str) -> None:
        """Let the pipeline run a line after the simple statement that is being rewritten."""
        node = self.simple[-1] if self.simple else ast.parse(self.source).body[-1]
        start, end = node_span(self.table, node)
        indent = self.source[self.table.line_start(node.lineno) : start]
        if indent.strip():
            raise Stuck("several statements stand on one line")
        self.registry.changes.append(Change(self.statement, end, end, f"\n{indent}{line}"))


def value_name(node: ast.expr) -> str:
    """What a recorded value is called: the columns it is about, then what is computed (`df["Age"].mean()` → `age_mean`)."""
    found: list[str] = []
    for each in _in_order(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            found += words(each.value)[:3]
        elif isinstance(each, ast.Attribute) and each.attr not in ("values", "loc", "iloc"):
            found += words(each.attr)
    name = "_".join(found[:5])[:40].strip("_")
    if not name and isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = "_".join(words(node.func.id))
    return name if name and name[0].isalpha() else f"value_{name}".rstrip("_")


def _in_order(node: ast.AST) -> list[ast.AST]:
    """The nodes in the order in which they are read; an attribute after what it belongs to."""
    if isinstance(node, ast.Attribute):
        return [*_in_order(node.value), node]
    found: list[ast.AST] = [] if isinstance(node, ast.Attribute) else [node]
    for child in ast.iter_child_nodes(node):
        found += _in_order(child)
    return found


def literal(values: object) -> str:
    """Python text of column names."""
    import json

    if isinstance(values, (list, tuple)):
        return f"[{', '.join(literal(value) for value in values)}]"
    return json.dumps(values, ensure_ascii=False) if isinstance(values, str) else repr(values)


__all__ = ["FOLDER", "ROW_FILTERS", "Edit", "Registry", "Rewriter", "Stuck", "literal", "site_of", "value_name"]
