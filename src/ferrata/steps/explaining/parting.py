"""Where two runs first part: from the recorded hashes of what stages wrote, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ferrata.records.explanation import Parting
from ferrata.records.project import Stage
from ferrata.steps.explaining.tables import compare_tables, read_table
from ferrata.store.pipelines.graph import Graph

_SHOWN = 4


def find_parting(stages: Sequence[Stage], graph: Graph, here: Mapping[str, str], there: Mapping[str, Mapping[str, str]], left_out: Iterable[str]) -> Parting:
    """`here` are digests by place, `there` by stage and place; `left_out` are files of metrics, which also measure the machine.

    A stage is cleared when all that it wrote is the same, and so is all that it waits for.
    """
    cleared: list[str] = []
    first, place = "", ""
    for stage in stages:
        rows = {path: md5 for path, md5 in there.get(stage.name, {}).items() if path not in set(left_out)}
        other = next((path for path, md5 in rows.items() if here.get(path) != md5), "")
        if rows and not other and all(name in cleared for name in graph.get(stage.name, ())):
            cleared.append(stage.name)
        elif other and not first:
            first, place = stage.name, other
    return Parting(first, place, "", tuple(cleared))


def look_into(here: Path, there: Path) -> str:
    """The first column and row of two tables that differ; "" for what cannot be looked at here."""
    ours, theirs = (read_table(path) if path.is_file() else None for path in (here, there))
    if ours is None or theirs is None:
        return ""
    found = compare_tables(ours, theirs)
    if found.new_columns or found.lost_columns:
        return f"columns: {', '.join((*found.new_columns, *found.lost_columns)[:_SHOWN])} on one side only"
    if found.edits:
        name, rows = next(iter(found.edits.items()))
        more = f" and {len(found.edits) - 1} more columns" if len(found.edits) > 1 else ""
        return f"column {name}{more}; first in row {min(rows) + 1} ({len(rows):,} of {len(ours.rows):,} rows)"
    if found.removed or found.added:
        return f"{len(theirs.rows):,} rows there, {len(ours.rows):,} here"
    return "the same rows in another order" if found.is_reordered else ", ".join(row[0] for row in found.form)
