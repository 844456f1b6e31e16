"""What crosses from one stage to a later one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ferrata.records.analysis import Node
from ferrata.records.plan import Crossing

START = "start"


def find_crossings(
    stages: Sequence[tuple[str, tuple[int, ...]]], nodes: Mapping[int, Node], fixed: Collection[str], definitions_of: Mapping[str, tuple[int, ...]]
) -> tuple[Crossing, ...]:
    """Variables and random states that a stage reads and an earlier one wrote last.

    `definitions_of` gives for each stage the definitions that it repeats; what these read counts as read by the stage.
    """
    written: dict[str, str] = {}
    readers: dict[tuple[str, str], list[str]] = {}
    for stage, statements in stages:
        for name in _needed(statements, definitions_of.get(stage, ()), nodes, fixed):
            if name in written and (not name.startswith("<") or name.startswith("<random ")):
                readers.setdefault((name, written[name]), []).append(stage)
        for index in statements:
            written.update(dict.fromkeys(nodes[index].writes, stage))
    last = {stage: statements[-1] for stage, statements in stages}
    return tuple(Crossing(name, writer, tuple(by), after=last[writer]) for (name, writer), by in sorted(readers.items()))


def _needed(statements: Iterable[int], repeated: Iterable[int], nodes: Mapping[int, Node], fixed: Collection[str]) -> list[str]:
    """Names read before the stage itself has written them, in order."""
    own: set[str] = set()
    needed: dict[str, None] = {}
    for index in statements:
        needed.update(dict.fromkeys(sorted(nodes[index].reads - own - set(fixed))))
        own |= nodes[index].writes
    for index in repeated:
        needed.update(dict.fromkeys(sorted(nodes[index].reads - own - set(fixed))))
    return list(needed)


def starting_streams(stages: Sequence[tuple[str, tuple[int, ...]]], nodes: Mapping[int, Node]) -> dict[str, tuple[str, ...]]:
    """For each stage the random streams that it draws from and nobody put in a known state before."""
    written: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for stage, statements in stages:
        wanted = []
        for index in statements:
            streams = {name for name in nodes[index].reads if name.startswith("<random ")}
            wanted += [name for name in sorted(streams - written) if name not in wanted]
            written |= {name for name in nodes[index].writes if name.startswith("<random ")}
        found[stage] = tuple(name[len("<random ") : -1] for name in wanted)
    return found
