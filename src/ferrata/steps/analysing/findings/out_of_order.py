"""The cells were run in another order than they stand in.

The saved outputs then belong to a state that running from the top does not give; often the numbers in the text below
are from before the last change above.

Bad: execution counts 1, 2, 7, 3.

Good: "Restart and run all", counts 1, 2, 3, 4.

Certain: `sure`; the counts are in the file. Gaps alone (1, 2, 5) are not reported: a cell that was run twice leaves one.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.amount import counted
from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, listed

CODE = "F304"
NAME = "out-of-order-execution"


def find(context: FindingContext) -> Iterable[Finding]:
    counts = [(cell.number, cell.execution_count) for cell in context.cells_of_the_file if cell.execution_count and cell.source.strip()]
    late = [(cell, count, before) for (before, earlier), (cell, count) in zip(counts, counts[1:], strict=False) if count < earlier]
    if not late:
        return
    cell, count, before = late[0]
    above = dict(counts)[before]
    yield Finding(
        CODE, NAME, cell, 1,
        what=f"Cell {cell} was run as number {count}, before cell {before} above it (number {above})" + _more([str(one) for one, _, _ in late[1:]]) + ".",
        why="Saved outputs below may come from names that a run from the top gives other values.",
        todo="Restart, run all cells and save, and look whether the numbers are still the ones you mean.",
    )


def _more(cells: list[str]) -> str:
    return f"; {counted(len(cells), 'more cell')} likewise ({listed(cells)})" if cells else ""
