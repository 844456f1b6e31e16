"""A shell line or a `%%bash` cell changes files outside Python.

What it does cannot be followed, so it is not part of the pipeline unless it is declared as a step of its own.

Bad:

    !sed -i 's/;/,/g' data.csv

Good: the same change in Python, or a stage in `dvc.yaml` with the command, what it reads and what it writes.

Certain: `sure`; display (`!ls`), installs and downloads are not reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, one_line

CODE = "F404"
NAME = "shell-step"


def find(context: FindingContext) -> Iterable[Finding]:
    for magic in context.notebook.magics:
        if magic.meaning == "script":
            yield Finding(
                CODE, NAME, magic.cell, magic.line, what=f"`{one_line(magic.text)}` runs a program that may change files" + _reason(magic.reason) + ".",
                why="Files that it writes are not known to the pipeline, so a change in it would go unseen.",
                todo="Do it in Python, or make it a stage of its own in `dvc.yaml` with its `deps` and `outs`.",
            )


def _reason(reason: str) -> str:
    return f" ({reason})" if reason else ""
