"""A cell stops with an error when the notebook is run from the top.

What stands below it never runs, so its saved outputs are from a time when something was different.

Bad: a cell that raises `KeyError: 'income'` because the column was renamed two cells later.

Good: "Restart and run all" goes through.

Certain: `sure`; the error was observed.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, one_line

CODE = "F301"
NAME = "failing-cell"

_KILLED = frozenset({"Killed", "Timeout"})


def find(context: FindingContext) -> Iterable[Finding]:
    failure = context.observation.failure
    if failure is None:
        return
    is_killed = failure.type in _KILLED
    what = f"The run was stopped ({failure.type.lower()})" if is_killed else f"`{failure.type}: {one_line(_said(failure.message), 140)}`"
    where = context.place_of_failure(failure)
    line_text = _text(context, where.cell, where.line)
    left = sum(1 for cell in context.notebook.cells if cell.number > where.cell and cell.statements)
    yield Finding(
        CODE, NAME, where.cell, where.line, what=what + (f" at `{line_text}`." if line_text else "."),
        why=f"The {left} cells below it don't run." if left > 1 else "The cell below it doesn't run." if left else "The notebook does not run to its end.",
        todo="Give it more time or memory, or less data." if is_killed else "Repair the cell or remove it, then restart and run all cells.",
    )


def _said(message: str) -> str:
    """The lines that say something: some messages stand between lines of stars."""
    return "\n".join(line for line in message.splitlines() if any(character.isalnum() for character in line)) or message


def _text(context: FindingContext, number: int, line: int) -> str:
    cell = next((cell for cell in context.notebook.cells if cell.number == number), None)
    text = cell.source.split("\n")[line - 1 : line] if cell and line > 0 else []
    return one_line(text[0], 80) if text else ""
