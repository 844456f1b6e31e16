"""Names used at a place where the notebook, run from the top, has not bound them."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass

from ferrata.records.notebook import Notebook, Statement
from ferrata.source.names import Names, statement_names
from ferrata.steps.analysing.findings.context import FindingContext, Place

_GIVEN = frozenset(dir(builtins)) | frozenset(
    "display get_ipython In Out exit quit __name__ __file__ __builtins__ __doc__ __loader__ __spec__ __package__ _ __ ___ _dh _oh _ih _exit_code".split()
)
_BINDS_UNKNOWN = frozenset({"run", "pylab", "store", "capture", "load", "loadpy", "R", "sql", "bash", "script", "reset_selective"})


@dataclass(frozen=True)
class UndefinedName:
    """`defined` is where the notebook binds the name further down, None where it never does; `is_observed` when the run stopped there with a NameError."""

    name: str
    place: Place
    defined: Place | None
    is_observed: bool = False


def undefined_names(context: FindingContext) -> list[UndefinedName]:
    """Each name once, at its first such use; none where names may come from elsewhere (`import *`, `%run`, `exec`, `globals()`)."""
    observed = _observed(context)
    found = {} if _is_open(context.notebook) else _by_text(context)
    if observed:
        found[observed.name] = observed
    return sorted(found.values(), key=lambda undefined: undefined.place)


def _observed(context: FindingContext) -> UndefinedName | None:
    failure = context.observation.failure
    match = re.search(r"name '(\w+)' is not defined", failure.message) if failure and failure.type == "NameError" else None
    if not failure or not match:
        return None
    here = next((position for position, statement in enumerate(_from_the_top(context)) if statement.index == failure.index), -1)
    below = {position: place for position, place in _bindings(context).get(match.group(1), {}).items() if position > here}
    return UndefinedName(match.group(1), context.place_of_failure(failure), next(iter(below.values()), None), is_observed=True)


def _names(source: str) -> Names:
    try:
        return statement_names(source)
    except (SyntaxError, ValueError, RecursionError):
        return Names(is_dynamic=True)


def _is_open(notebook: Notebook) -> bool:
    names = [_names(statement.source) for statement in notebook.statements]
    magics = {magic.name for magic in notebook.magics if magic.meaning not in ("nothing", "requirement", "download")}
    return any(one.stars or one.is_dynamic for one in names) or bool(magics & _BINDS_UNKNOWN) or bool(notebook.broken)


def _by_text(context: FindingContext) -> dict[str, UndefinedName]:
    bindings, bound = _bindings(context), set(_GIVEN)
    found: dict[str, UndefinedName] = {}
    for position, statement in enumerate(_from_the_top(context)):
        names = _names(statement.source)
        for name in sorted(names.reads - bound - found.keys()):
            if not _is_guarded(statement.source) and not _ran_well(context, statement.index):
                below = [place for later, place in bindings.get(name, {}).items() if later > position]
                found[name] = UndefinedName(name, _line_of(name, statement.source, context.place(statement.index)), below[0] if below else None)
        bound |= names.binds | names.deferred_binds
    return found


def _ran_well(context: FindingContext, index: int) -> bool:
    """The observed run executed it without a NameError, so the name was there however it came (unless the cells were run in another order)."""
    return not context.notebook.run_order and any(trace.index == index and trace.complete for trace in context.traces)


def _from_the_top(context: FindingContext) -> list[Statement]:
    return [statement for cell in context.cells_of_the_file for statement in cell.statements]


def _bindings(context: FindingContext) -> dict[str, dict[int, Place]]:
    """{name: {position from the top: place}} of what binds it."""
    found: dict[str, dict[int, Place]] = {}
    for position, statement in enumerate(_from_the_top(context)):
        names = _names(statement.source)
        for name in names.binds | names.deferred_binds:
            found.setdefault(name, {})[position] = Place(statement.cell, statement.line)
    return found


def _is_guarded(source: str) -> bool:
    return any(isinstance(node, (ast.Try, ast.If)) for node in ast.parse(source).body)


def _line_of(name: str, source: str, start: Place) -> Place:
    lines = [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and node.id == name]
    return Place(start.cell, start.line + min(lines, default=1) - 1)
