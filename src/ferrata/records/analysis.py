"""Statements as a graph, with roles and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ferrata.records.finding import Finding
from ferrata.records.observation import Site


@dataclass(frozen=True)
class Dependency:
    """Statement `target` needs what `source` did to `name`. `how`: `known` (observed), `assumed` (from the text), `unknown`.

    Names that start with "<" are process state: "<random numpy>", "<pyplot>", "<cwd>", "<file data.csv>".
    """

    source: int
    target: int
    name: str
    how: str = "known"


@dataclass(frozen=True)
class Node:
    """One statement in the graph: what it reads, and what it writes (binds, mutates, consumes); `role`: `import`, `define`, `load`,
    `explore`, `prepare`, `split`, `train`, `predict`, `evaluate`, `plot`, `save`, `configure`."""

    index: int
    role: str
    reads: frozenset[str]
    writes: frozenset[str]


@dataclass(frozen=True)
class Score:
    """A number the notebook computes about its model: where, under which name, and every value in order.

    `statement` and `site` say where; `values` are JSON numbers (or nested lists, or text for reports) in the order of computation; `models` the tokens of the
    models it depends on; `deterministic` False when two runs of the notebook differ.
    """

    name: str
    statement: int
    site: Site
    values: tuple[Any, ...]
    function: str = ""
    models: tuple[str, ...] = ()
    is_structured: bool = False


@dataclass(frozen=True)
class Model:
    """A model the notebook fits: the name it is bound to when it is last fitted, its type, the statements that fit it."""

    token: str
    name: str
    type: str
    kind: str
    fits: tuple[int, ...]
    scores: tuple[str, ...] = ()
    saved: bool = False


@dataclass(frozen=True)
class Analysis:
    nodes: tuple[Node, ...]
    dependencies: tuple[Dependency, ...]
    scores: tuple[Score, ...] = ()
    models: tuple[Model, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
