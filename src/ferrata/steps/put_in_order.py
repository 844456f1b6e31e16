"""Put in order: the cells in the order in which their author ran them, where from top to bottom they use what only a later cell defines."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import replace

from ferrata.records.notebook import Cell, Notebook
from ferrata.source.names import Names, statement_names

_NOTHING = Names()


def put_in_order(notebook: Notebook) -> Notebook | None:
    """The notebook with its cells in the order of their execution counts, statements numbered anew; None where it can stay as it is, or that order does
    not help: where it leaves a name used before the cell that defines it, or what `input()` was answered would be mixed up.

    A name that a later cell imports is no reason: its import can be made earlier.
    """
    if notebook.answers or not _used_too_early(notebook.cells):
        return None
    ordered = _by_count(notebook.cells)
    if [cell.number for cell in ordered] == [cell.number for cell in notebook.cells] or _used_too_early(ordered):
        return None
    return replace(notebook, cells=_numbered(ordered), run_order=tuple(cell.number for cell in ordered if cell.statements))


def _by_count(cells: Sequence[Cell]) -> list[Cell]:
    """A cell without a count follows the one above it."""
    count, keyed = 0, []
    for cell in cells:
        count = cell.execution_count or count
        keyed.append((count, cell.number, cell))
    return [cell for _, _, cell in sorted(keyed, key=lambda item: item[:2])]


def _numbered(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    numbers = iter(range(sum(len(cell.statements) for cell in cells)))
    return tuple(replace(cell, statements=tuple(replace(one, index=next(numbers)) for one in cell.statements)) for cell in cells)


def _used_too_early(cells: Sequence[Cell]) -> set[str]:
    """Names read by statements of a cell, outside of functions, that only a later cell binds, other than by an import."""
    names = [(cell.number, _names(statement.source), statement.source) for cell in cells for statement in cell.statements]
    if any(one.stars or one.is_dynamic for _, one, _ in names):
        return set()
    places: dict[str, list[int]] = {}
    for position, (_, one, source) in enumerate(names):
        for name in one.binds | one.deferred_binds if not source.lstrip().startswith(("import ", "from ")) else ():
            places.setdefault(name, []).append(position)
    bound, found = set(dir(builtins)), set()
    for position, (number, one, _) in enumerate(names):
        for name in one.reads - bound:
            if any(later > position and names[later][0] != number for later in places.get(name, ())):
                found.add(name)
        bound |= one.binds | one.deferred_binds
    return found


def _names(source: str) -> Names:
    try:
        return statement_names(source)
    except (SyntaxError, ValueError, RecursionError):
        return _NOTHING
