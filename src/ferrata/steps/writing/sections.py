"""Cut a long stage into functions, one for each thing the notebook does, named after its heading or its purpose.

A section is a run of whole cells. Its arguments are the variables it uses and does not make itself, its results what later sections use. A stage stays in one
piece when it is short, or when a function inside it uses variables of several sections.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ferrata.dataflow.names import slug
from ferrata.records.observation import Trace
from ferrata.source.names import statement_names

SHORT = 30
LONGEST = 60
# A function that does several things is called after the first of these that it does.
TELLING = ("train_", "evaluate_", "plot_", "load_", "split_")


@dataclass(frozen=True)
class Section:
    """`arguments` and `results` are names in the order of first use."""

    name: str
    statements: tuple[int, ...]
    arguments: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """What sections are made from: `body` in order; texts and traces by statement; `cells`, `headings` and `roles` by statement;
    `given`: variables that exist before the body (inputs, parameters); `wanted`: variables that are needed after it; `taken`: names that are in use."""

    body: tuple[int, ...]
    texts: Mapping[int, str]
    traces: Mapping[int, Trace]
    cells: Mapping[int, int]
    headings: Mapping[int, str]
    purposes: Mapping[int, str]
    given: tuple[str, ...]
    wanted: frozenset[str]
    taken: frozenset[str]


def sections(draft: Draft) -> tuple[Section, ...]:
    """At least two sections, or () when the stage is better left whole."""
    if sum(text.count("\n") + 1 for text in draft.texts.values()) <= SHORT or _has_inner_functions(draft):
        return ()
    groups = _groups(draft)
    if len(groups) < 2:
        return ()
    return _named(draft, groups)


def _has_inner_functions(draft: Draft) -> bool:
    """Definitions and lambdas see variables as they are when called; a cut could show them another value."""
    bound = {name for i in draft.body for name in draft.traces[i].binds}
    for index in draft.body:
        names = statement_names(draft.texts[index])
        rebound_later = {name for i in draft.body if i > index for name in draft.traces[i].binds}
        if names.is_dynamic or (isinstance(ast.parse(draft.texts[index]).body[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))):
            return True
        if names.deferred_reads & bound & rebound_later:
            return True
    return False


def _groups(draft: Draft) -> list[list[int]]:
    """Runs of statements with one purpose: those under one heading, else those of one role; never longer than a page where it can be helped."""
    groups: list[list[int]] = []
    for index in draft.body:
        new_cell = bool(groups) and draft.cells[groups[-1][-1]] != draft.cells[index]
        if not groups or (new_cell and (_title(draft, index) != _title(draft, groups[-1][-1]) or _lines(draft, groups[-1]) > LONGEST)):
            groups.append([])
        groups[-1].append(index)
    return _without_crumbs(draft, groups)


def _title(draft: Draft, index: int) -> str:
    return slug(draft.headings.get(index, "")) or draft.purposes.get(index, "")


def _lines(draft: Draft, group: Sequence[int]) -> int:
    return sum(draft.texts[i].count("\n") + 1 for i in group)


def _without_crumbs(draft: Draft, groups: list[list[int]]) -> list[list[int]]:
    """A group of a line or three joins the one before it."""
    merged: list[list[int]] = []
    for group in groups:
        if merged and (_lines(draft, group) < 4 or _lines(draft, merged[-1]) < 4) and _lines(draft, group) + _lines(draft, merged[-1]) <= LONGEST:
            merged[-1] += group
        else:
            merged.append(list(group))
    return merged


def _named(draft: Draft, groups: Sequence[Sequence[int]]) -> tuple[Section, ...]:
    taken = set(draft.taken)
    made = []
    known = dict.fromkeys(draft.given)
    for position, group in enumerate(groups):
        later = {name for other in groups[position + 1 :] for name in _needed(draft, other)} | draft.wanted
        name = _free(_name(draft, group), taken)
        taken.add(name)
        arguments = tuple(n for n in _needed(draft, group) if n in known)
        results = tuple(n for n in _bound(draft, group) if n in later)
        known.update(dict.fromkeys(_bound(draft, group)))
        made.append(Section(name, tuple(group), arguments, results))
    return tuple(made)


def _needed(draft: Draft, group: Sequence[int]) -> list[str]:
    """Names that a group reads before it has bound them itself (what it may change only in part counts as read)."""
    own: set[str] = set()
    needed: dict[str, None] = {}
    for index in group:
        names = statement_names(draft.texts[index])
        needed.update(dict.fromkeys(n for n in sorted(names.reads | names.deferred_reads | set(draft.traces[index].reads)) if n not in own))
        maybe = set() if _binds_surely(draft.texts[index]) else set(draft.traces[index].binds)
        needed.update(dict.fromkeys(n for n in sorted(maybe) if n not in own))
        own |= set(draft.traces[index].binds)
    return list(needed)


def _binds_surely(text: str) -> bool:
    return not isinstance(ast.parse(text).body[0], (ast.If, ast.For, ast.While, ast.Try, ast.With))


def _bound(draft: Draft, group: Sequence[int]) -> list[str]:
    bound: dict[str, None] = {}
    for index in group:
        for name in draft.traces[index].deletes:
            bound.pop(name, None)
        bound.update(dict.fromkeys(draft.traces[index].binds))
    return [name for name in bound if name != "_"]


def _name(draft: Draft, group: Sequence[int]) -> str:
    heading = slug(draft.headings.get(group[0], ""))
    words = heading.split("_")
    if heading and 1 <= len(words) <= 6 and heading[0].isalpha() and not keyword.iskeyword(heading):
        return heading
    purposes = [purpose for index in group if (purpose := draft.purposes.get(index, ""))]
    telling = (purpose for verb in TELLING for purpose in purposes if purpose.startswith(verb))
    return next(telling, purposes[0] if purposes else "process_data")


def _free(name: str, taken: Collection[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
