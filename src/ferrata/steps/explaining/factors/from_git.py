"""The command that gets the other side's version of a file, or keeps one's own from being lost."""

from __future__ import annotations

import shlex

from ferrata.records.explanation import Difference
from ferrata.records.side import Side


def to_have(difference: Difference, there: Side) -> str:
    path = shlex.quote(difference.place)
    if difference.place in there.uncommitted:
        return f"Commit it where that result was made, so that others have it: git add {path} && git commit"
    if difference.is_uncommitted:
        return f"It is not committed here. Keep it: git add {path} && git commit; or take it back: git checkout -- {path}"
    if there.commit:
        return f"git checkout {there.commit[:10]} -- {path}"
    at = f"{difference.place}, line {difference.line}" if difference.line else difference.place
    return f"Edit {at}"
