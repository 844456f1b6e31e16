"""Cut the kept statements into prepare, train and evaluate, as finely as their data flow allows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ferrata.dataflow.definitions import overtakes
from ferrata.dataflow.graph import after, before
from ferrata.records.analysis import Dependency, Node

# Values that are data: worth a file between two stages. Everything else stays with the statements that use it.
_DATA_TYPES = ("DataFrame", "Series", "ndarray", "Tensor", "csr_matrix", "csc_matrix", "csr_array", "coo_matrix", "Index")


@dataclass(frozen=True)
class Cut:
    """The statements of each stage, in the order they run; definitions are not among them."""

    prepare: tuple[int, ...]
    train: tuple[int, ...]
    evaluate: tuple[int, ...]

    @property
    def stages(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        return tuple((name, part) for name, part in (("prepare", self.prepare), ("train", self.train), ("evaluate", self.evaluate)) if part)


@dataclass(frozen=True)
class Material:
    """What cutting needs to know: `statements` are the kept ones without definitions, `fixed` the names that definitions bind, `types` of what each binds,
    `together` sets of statements that must stand in one stage, after training (the drawing of one figure about a model)."""

    statements: tuple[int, ...]
    nodes: Mapping[int, Node]
    edges: Sequence[Dependency]
    fits: frozenset[int]
    fixed: frozenset[str]
    types: Mapping[int, tuple[str, ...]]
    together: Sequence[frozenset[int]] = ()


def cut(material: Material, level: str) -> Cut:
    """`level`: `three`, `two` (prepare, and train with its evaluation) or `one`."""
    if level == "one" or not material.fits:
        return Cut((), material.statements, ())
    prepare, rest = _split_before_training(material)
    if level == "two":
        return Cut(prepare, rest, ())
    train, evaluate = _split_after_training(material, rest)
    return Cut(prepare, train, evaluate)


def _split_before_training(material: Material) -> tuple[tuple[int, ...], tuple[int, ...]]:
    dependent = after(material.fits, material.edges).union(*material.together)
    early: list[int] = []
    late: list[int] = []
    for index in material.statements:
        waits = index in dependent or not overtakes(index, late, material.nodes, material.fixed)
        (late if waits else early).append(index)
    return _sink(material, early, late)


def _sink(material: Material, early: list[int], late: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Move down what only training uses and is not data (an unfitted model, a parameter grid, callbacks)."""
    stay: list[int] = []
    for position in range(len(early) - 1, -1, -1):
        index = early[position]
        sinks = not _makes_data(material, index) and _feeds_only(material, index, late) and _can_sink(material, index, stay)
        if sinks:
            late = sorted([*late, index], key=material.statements.index)
        else:
            stay.insert(0, index)
    return tuple(stay), tuple(late)


def _makes_data(material: Material, index: int) -> bool:
    return any(kind.endswith(_DATA_TYPES) for kind in material.types.get(index, ()))


def _feeds_only(material: Material, index: int, late: Collection[int]) -> bool:
    users = {edge.target for edge in material.edges if edge.source == index and edge.target in material.statements}
    return bool(users) and users <= set(late)


def _can_sink(material: Material, index: int, stay: Sequence[int]) -> bool:
    return overtakes(index, stay, material.nodes, material.fixed)


def _split_after_training(material: Material, rest: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    training = set(before(material.fits, material.edges)) & set(rest)
    training |= set(before(frozenset().union(*(group for group in material.together if group & training)), material.edges)) & set(rest)
    while True:
        forced = {
            index for index in rest if index not in training
            and any(not overtakes(later, [index], material.nodes, material.fixed) for later in training if rest.index(later) > rest.index(index))
        }
        if not forced:
            break
        forced = forced.union(*(group for group in material.together if group & forced))
        training |= set(before(forced, material.edges)) & set(rest)
    return tuple(i for i in rest if i in training), tuple(i for i in rest if i not in training)
