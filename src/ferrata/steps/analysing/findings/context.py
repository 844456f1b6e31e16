"""What every finding may look at, and the few questions all of them ask."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ferrata.dataflow.sites import holder, segment
from ferrata.records.analysis import Dependency, Model, Node, Score
from ferrata.records.edit import Edit
from ferrata.records.notebook import Cell, Notebook
from ferrata.records.observation import Call, Failure, Observation, Site, Trace, Value


class Place(NamedTuple):
    """Where a finding points: the number of a code cell and the line in it, both from 1."""

    cell: int
    line: int


class Step(NamedTuple):
    """One recorded call and the statement that was running."""

    trace: Trace
    call: Call


@dataclass(frozen=True)
class FindingContext:
    """`sources`: the text of each statement as it ran, by index; `again`: a second run, or a sliced replay with another hash seed."""

    notebook: Notebook
    sources: Mapping[int, str]
    observation: Observation
    dependencies: Sequence[Dependency] = ()
    nodes: Sequence[Node] = ()
    scores: Sequence[Score] = ()
    models: Sequence[Model] = ()
    fitted: frozenset[int] = frozenset()
    edits: Sequence[Edit] = ()
    again: Observation | None = None

    @property
    def traces(self) -> tuple[Trace, ...]:
        return self.observation.traces

    @property
    def cells_of_the_file(self) -> tuple[Cell, ...]:
        """From top to bottom, whatever order they were run in."""
        return tuple(sorted(self.notebook.cells, key=lambda cell: cell.number))

    def steps(self, *kinds: str) -> Iterator[Step]:
        """Recorded calls of these kinds in the order they were made."""
        for trace in self.traces:
            for call in trace.calls:
                if call.kind in kinds:
                    yield Step(trace, call)

    def tree(self, index: int) -> ast.Module:
        return parsed(self.sources.get(index, ""))

    def place(self, index: int, line: int = 1) -> Place:
        """`line` counts from 1 in the statement."""
        statement = self.notebook.statements[index]
        return Place(statement.cell, statement.line + line - 1)

    def place_of_failure(self, failure: Failure) -> Place:
        """The cell's line; `Failure.line` counts in the statement."""
        return self.place(failure.index, max(failure.line, 1)) if 0 <= failure.index < len(self.notebook.statements) else Place(failure.cell, 1)

    def place_of(self, step: Step) -> Place:
        return self.place(holder(step.trace, step.call), step.call.site.line)

    def text_of(self, step: Step) -> str:
        """The call as the author wrote it, on one line."""
        return one_line(segment(self.sources.get(holder(step.trace, step.call), ""), step.call.site))

    def value(self, token: str, until: int) -> Value | None:
        """What is known of the object when statement `until` had run, its latest description."""
        found = None
        for trace in self.traces:
            if trace.index > until:
                break
            found = next((value for value in trace.values if value.token == token), found)
        return found

    def data(self, step: Step, *keys: str) -> Value | None:
        """The first of these arguments ("0", "X") that was given and that some name was bound to."""
        tokens = [step.call.arguments[key] for key in keys if key in step.call.arguments]
        return next((value for token in tokens if (value := self.value(token, step.trace.index))), None)


def one_line(text: str, limit: int = 90) -> str:
    short = " ".join(text.split())
    return short if len(short) <= limit else short[: limit - 1] + "…"


def class_name(qualified: str) -> str:
    return qualified.rsplit(".", 1)[-1]


@lru_cache(maxsize=4096)
def parsed(source: str) -> ast.Module:
    """The tree of a statement; an empty module for text that is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def span(node: ast.expr) -> Site:
    return Site(node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def called(node: ast.Call) -> str:
    """The last word of what is called: `fit` of `model.fit(X)`, `KMeans` of `KMeans()`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def runs_later(tree: ast.Module) -> bool:
    """True for a definition: its body does nothing where it stands."""
    return bool(tree.body) and isinstance(tree.body[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def listed(items: Sequence[str], most: int = 4) -> str:
    """`a, b and 3 more`."""
    shown = list(items[:most])
    rest = len(items) - len(shown)
    if rest:
        return ", ".join(shown) + f" and {rest} more"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" and {shown[-1]}" if shown else ""
