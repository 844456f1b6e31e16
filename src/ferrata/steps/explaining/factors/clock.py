"""The clock: the day of the other run, where the code reads the time at all. A trial has the other day's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.files import files_of, text_of
from ferrata.steps.explaining.setup import Setup

WORDS = ("clock",)
_READS = re.compile(r"\b(?:now|utcnow|today|time\.time|time_ns|localtime|gmtime|strftime)\s*\(")


def find(here: Side, there: Side) -> Iterator[Difference]:
    """A side that is run here has the time of today; one that is recorded, that of its run."""
    if here.kind != "tree" or not there.started or here.tree is None:
        return
    found = next(((path, line) for path in sorted(files_of(here.tree).code) if (line := _line(text_of(here.tree / path)))), None)
    if found is not None:
        then = datetime.fromisoformat(there.started)
        path, line = found
        name = f"the day, read in {path}, line {line}"
        yield Difference("clock", name, "today", f"{then:%Y-%m-%d %H:%M}", payload=int(then.timestamp()), place=path, line=line)


def _line(text: str) -> int:
    """The first line that reads the time; 0 where none does."""
    return next((number for number, line in enumerate(text.splitlines(), 1) if _READS.search(line.partition("#")[0])), 0)


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    setup.shims["clock"] = chosen[0].payload


def todo(difference: Difference, there: Side) -> str:
    return f"Make the day a parameter, so that it belongs to the run: {difference.place}, line {difference.line}"
