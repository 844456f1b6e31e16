"""A name is used that no cell defines.

The cell that defined it was deleted or changed after it had run; the value lived on in the kernel. Nobody else has it.

Bad: `model.fit(X_scaled, y)` where no cell makes `X_scaled` any more.

Good: every name is bound by a cell above its use.

Certain: `sure` when the run stopped there; `likely` when it is known from the text of cells that were not reached.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext
from ferrata.steps.analysing.findings.undefined import UndefinedName, undefined_names

CODE = "F303"
NAME = "hidden-state"


def find(context: FindingContext) -> Iterable[Finding]:
    for undefined in undefined_names(context):
        if undefined.defined is None:
            yield Finding(
                CODE, NAME, undefined.place.cell, undefined.place.line,
                what=f"`{undefined.name}` is used here, and no cell defines it.",
                why="Its value was left in the kernel by a cell that has since been changed or deleted; nobody can get it from this notebook.",
                todo=_todo(context, undefined), certain="sure" if undefined.is_observed else "likely",
            )


def _todo(context: FindingContext, undefined: UndefinedName) -> str:
    known = {name for trace in context.traces for name in trace.binds}
    near = difflib.get_close_matches(undefined.name, sorted(known), n=1, cutoff=0.75)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    return f"Put the cell that makes `{undefined.name}` back above this one.{meant}"
