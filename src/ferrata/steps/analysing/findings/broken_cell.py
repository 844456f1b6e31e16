"""A code cell is no valid Python 3 and was left out.

Bad: a cell with `print "done"`, or with notes that belong in a markdown cell.

Good: every code cell can be run; notes are markdown.

Certain: `sure`.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext

CODE = "F305"
NAME = "broken-cell"

_TODO = {
    "python2": "Write it in Python 3 (`print(…)`, `range`, `input`).", "prose": "Turn it into a markdown cell.",
    "unfinished": "Finish it or remove it.", "conflict": "Resolve the merge conflict in it.",
}


def find(context: FindingContext) -> Iterable[Finding]:
    for broken in context.notebook.broken:
        ran = "It has never run, so nothing depends on it." if broken.failed_before else "Whatever it was meant to do is missing below."
        yield Finding(
            CODE, NAME, broken.cell, broken.line, what=broken.cause.rstrip(".") + "; the cell was left out.", why=ran,
            todo=_TODO.get(broken.kind, "Correct it or remove it."),
        )
