"""A library says that something the notebook calls will be removed or will behave differently.

Bad: a call that warns `FutureWarning: Passing palette without assigning hue is deprecated`.

Good: what the warning recommends.

Certain: `sure`; these are the library's own words, once for each message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, one_line

CODE = "F307"
NAME = "deprecated-call"

_KINDS = re.compile(r"\b(\w*(?:PendingDeprecation|Deprecation|Deprecated|Future)\w*Warning)\b:?\s*(.*)", re.DOTALL)


def find(context: FindingContext) -> Iterable[Finding]:
    told: set[str] = set()
    for trace in context.traces:
        for text in trace.warnings:
            match = _KINDS.search(text)
            message = one_line(match.group(2), 220) if match else ""
            if match and message and message[:60] not in told:
                told.add(message[:60])
                where = context.place(trace.index)
                source = one_line(context.sources.get(trace.index, "").split("\n")[0], 70)
                yield Finding(
                    CODE, NAME, where.cell, where.line, what=f"`{source}`: {match.group(1)}: {message.rstrip('.')}.",
                    why="It works with the locked packages and will stop working, or change its result, with later ones.",
                    todo="Do what the message says before you upgrade; until then the lock keeps it running.",
                )
