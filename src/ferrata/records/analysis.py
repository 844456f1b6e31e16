"""Statements as a graph, with roles and findings."""

from __future__ import annotations

from dataclasses import dataclass
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

    `statement` holds `site` (a function definition, when the author computes it in a helper); `runs` are the statements that computed a value and
    `values` what each got, in order: JSON numbers, or nested lists and report text when `is_structured`.
    `role`: `score` for a metric call, else how the number showed: `printed`, `displayed`, `assigned`; `model` the token of the model it is about ("" unknown).
    """

    name: str
    statement: int
    site: Site
    runs: tuple[int, ...]
    values: tuple[Any, ...]
    role: str = "score"
    function: str = ""
    model: str = ""
    is_structured: bool = False


@dataclass(frozen=True)
class Model:
    """A model the notebook fits: the name it is bound to when it is last fitted ("" when it has none), its type, the statements that fit it.

    `main_score`: the value that ranks it among the notebook's models, None where it has none; `saved`: the author wrote it to a file. One that no object
    holds has no name, and for a type the author's word; `answer` is the name that the statement `answered_at` gives its predictions.
    """

    token: str
    name: str
    type: str
    kind: str
    fits: tuple[int, ...]
    saved: bool = False
    main_score: float | None = None
    main_score_name: str = ""
    answer: str = ""
    answered_at: int = -1


@dataclass(frozen=True)
class Analysis:
    """`fitted` holds the statements that depend on a fitted model."""

    nodes: tuple[Node, ...]
    dependencies: tuple[Dependency, ...]
    scores: tuple[Score, ...] = ()
    models: tuple[Model, ...] = ()
    findings: tuple[Finding, ...] = ()
    fitted: frozenset[int] = frozenset()
