"""A change to the author's text that was needed to run it; always reported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Replace a span of one statement's source.

    `statement` is `Statement.index`; `start` and `end` are character offsets in the *original* `Statement.source`;
    `rule` is the stable name of the rewrite, `why` one sentence for the author. `silent` edits repair code that runs
    but lies (today's library does something else); they are kept only where the saved outputs bear witness.
    """

    statement: int
    cell: int
    line: int
    start: int
    end: int
    before: str
    after: str
    rule: str
    why: str
    silent: bool = False
