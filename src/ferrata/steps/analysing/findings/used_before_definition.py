"""A name is used above the cell that defines it.

It worked because the cells were run in another order; from the top it stops with a `NameError`.

Bad: cell 4 uses `features`, cell 6 defines it.

Good: the defining cell stands above the first use.

Certain: `sure` when the run stopped there; `likely` when it is known from the text of cells that were not reached.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext
from ferrata.steps.analysing.findings.undefined import undefined_names

CODE = "F302"
NAME = "used-before-definition"


def find(context: FindingContext) -> Iterable[Finding]:
    for undefined in undefined_names(context):
        if undefined.defined:
            below = undefined.defined.cell
            where = f"only in cell {below}" if below != undefined.place.cell else f"only on line {undefined.defined.line} of the same cell"
            yield Finding(
                CODE, NAME, undefined.place.cell, undefined.place.line,
                what=f"`{undefined.name}` is used here and defined {where}.",
                why="Run from the top, the notebook stops here with a NameError; it worked because the cells were run in another order.",
                todo=_todo(undefined.name, undefined.place.cell, below), certain="sure" if undefined.is_observed else "likely",
            )


def _todo(name: str, cell: int, below: int) -> str:
    return f"Move cell {below} above cell {cell}." if below != cell else f"Move the definition of `{name}` up."
