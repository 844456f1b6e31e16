"""Many of the tested rows also stand in the training rows, feature by feature.

Repeated records (the same patient twice, copies from a merge) fall on both sides of a random split; for them the model
only has to remember.

Bad:

    train, test = train_test_split(df)

Good:

    df = df.drop_duplicates()
    train, test = train_test_split(df)

Or, when rows belong together: `GroupShuffleSplit(…).split(X, y, groups=df["patient"])`.

Certain: `likely`; with few columns of few values, equal rows can be different things. Reported from 10 % of the tested
rows, with 4 columns or more.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext
from ferrata.steps.analysing.findings.resampled_before_split import find as find_resampled
from ferrata.steps.analysing.findings.scored import ScoredRows, are_parts_of_one_split, scored_rows

CODE = "F106"
NAME = "duplicate-rows-across-split"

_SHARE = 0.10
_FEWEST_COLUMNS = 4


def find(context: FindingContext) -> Iterable[Finding]:
    found = [scored for scored in scored_rows(context) if scored.seen >= _SHARE and are_parts_of_one_split(context, scored.fit, scored.rows_of)]
    wide = [scored for scored in found if _columns(context, scored) >= _FEWEST_COLUMNS]
    if not wide or any(True for _ in find_resampled(context)):
        return
    first = wide[0]
    where, rows = context.place_of(first.rows_of), first.rows_of.call.rows or 0
    yield Finding(
        CODE, NAME, where.cell, where.line,
        what=f"{round(rows * first.seen):,} of the {rows:,} rows tested in `{context.text_of(first.rows_of)}` also stand in the training rows.",
        why="For these rows the model only has to remember, so the test score is better than on new data.",
        todo="Look at `df[df.duplicated(keep=False)]`; drop copies with `df.drop_duplicates()` before the split, or split by group.",
        certain="likely",
    )


def _columns(context: FindingContext, scored: ScoredRows) -> int:
    """The number of columns of the tested rows, 0 where it is not known."""
    value = context.data(scored.rows_of, "0", "X")
    shape = value.summary.get("shape") if value else None
    return int(shape[1]) if isinstance(shape, (list, tuple)) and len(shape) == 2 else 0
