"""Which stage waits for which, and in what order DVC would take them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ferrata.errors import ProjectError, UsageError
from ferrata.records.project import Stage

Graph = Mapping[str, tuple[str, ...]]


def waits_for(stages: Sequence[Stage], data: Iterable[str] = ()) -> Graph:
    """{stage: the stages whose results it reads, as its dependencies name them}; a frozen stage waits for none.

    `data` are paths tracked by a `.dvc` file. ProjectError for two that write one path, or one inside the other, and for a cycle.
    """
    writers = _writers(stages, data)
    above = _above(writers)
    graph = {stage.name: tuple(dict.fromkeys(_producers(stage, writers, above))) for stage in stages}
    _check_cycles(graph)
    frozen = {stage.name for stage in stages if stage.is_frozen}
    return {name: () if name in frozen else before for name, before in graph.items()}


def in_order(stages: Sequence[Stage], data: Iterable[str] = ()) -> tuple[Stage, ...]:
    """Producers before consumers, otherwise as written (depth first, as DVC takes them)."""
    graph = waits_for(stages, data)
    by_name = {stage.name: stage for stage in stages}
    return tuple(by_name[name] for name in _depth_first(graph, by_name))


def with_upstream(stages: Sequence[Stage], names: Sequence[str], graph: Graph) -> tuple[Stage, ...]:
    """Of stages in order those that are named, a loop's name standing for all its turns, and what they wait for; all where none is named."""
    if not names:
        return tuple(stages)
    wanted = [each for name in names for each in _named(stages, name)]
    needed = set(_depth_first(graph, wanted))
    return tuple(stage for stage in stages if stage.name in needed)


def _named(stages: Sequence[Stage], name: str) -> list[str]:
    found = [stage.name for stage in stages if stage.name == name or stage.name.rpartition("@")[0] == name]
    if not found:
        import difflib

        close = difflib.get_close_matches(name, [stage.name for stage in stages], 3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`ferrata status` lists the stages."
        raise UsageError(f"There is no stage {name}", where="dvc.yaml", todo=hint)
    return found


def _writers(stages: Sequence[Stage], data: Iterable[str]) -> dict[str, str]:
    """{path: the stage that writes it, or its `.dvc` file}."""
    writers = {path: f"{path}.dvc" for path in data}
    for stage in stages:
        for path in map(stage.place, stage.results):
            if path in writers:
                what = f"{path} is written by {writers[path]} and by {stage.name}"
                raise ProjectError(what, where="dvc.yaml", todo="Give one of them another path.")
            writers[path] = stage.name
    for path, writer in writers.items():
        for parent in _parents(path):
            if parent in writers:
                what = f"{path} of {writer} is inside {parent} of {writers[parent]}"
                raise ProjectError(what, where="dvc.yaml", todo="Give one of them a folder of its own.")
    return writers


def _above(writers: Mapping[str, str]) -> dict[str, list[str]]:
    """{folder: what is written inside it}."""
    above: dict[str, list[str]] = {}
    for path in writers:
        for parent in _parents(path):
            above.setdefault(parent, []).append(path)
    return above


def _producers(stage: Stage, writers: Mapping[str, str], above: Mapping[str, list[str]]) -> Iterator[str]:
    for dep in (*map(stage.place, stage.deps), *(stage.place(file.path) for file in stage.sources)):
        paths = (*(path for path in (dep, *_parents(dep)) if path in writers), *above.get(dep, ()))
        yield from (writers[path] for path in paths if writers[path] != f"{path}.dvc")


def _parents(path: str) -> Iterator[str]:
    while (path := posixpath.dirname(path)) not in ("", "/"):
        yield path


def _depth_first(graph: Graph, names: Iterable[str]) -> list[str]:
    order: dict[str, None] = {}
    for name in names:
        todo = [(name, iter(graph[name]))]
        entered = {name}
        while todo:
            top, before = todo[-1]
            following = next((each for each in before if each not in order and each not in entered), None)
            if following is None:
                order.setdefault(todo.pop()[0])
            else:
                entered.add(following)
                todo.append((following, iter(graph[following])))
        order.setdefault(name)
    return list(order)


def _check_cycles(graph: Graph) -> None:
    left = dict(graph)
    while ready := [name for name, before in left.items() if not any(each in left for each in before)]:
        for name in ready:
            del left[name]
    if left:
        name, seen = next(iter(left)), list[str]()
        while name not in seen:
            seen.append(name)
            name = next(each for each in left[name] if each in left)
        names = " → ".join([*seen[seen.index(name) :], name])
        raise ProjectError(f"The stages {names} wait for each other", where="dvc.yaml", todo="Remove one of the dependencies.")
