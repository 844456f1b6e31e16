"""Where two runs first part: from the recorded hashes of what stages wrote, in the order in which they run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.programs.python import first_difference
from ferrata.records.explanation import Parting
from ferrata.records.project import Stage
from ferrata.steps.explaining import models
from ferrata.steps.explaining.tables import compare_tables, read_table
from ferrata.store.pipelines.graph import Graph
from ferrata.world import process

_SHOWN = 4
_ARRAYS = (".npy", ".npz", ".parquet", ".keras", ".h5", ".hdf5", ".safetensors")


def find_parting(stages: Sequence[Stage], graph: Graph, here: Mapping[str, str], there: Mapping[str, Mapping[str, str]], left_out: Iterable[str]) -> Parting:
    """`here` are digests by place, `there` by stage and place; `left_out` are files of metrics, which also measure the machine.

    A stage is cleared when all that it wrote is the same, and so is all that it waits for.
    """
    cleared: list[str] = []
    first, place = "", ""
    for stage in stages:
        rows = {path: md5 for path, md5 in there.get(stage.name, {}).items() if path not in set(left_out)}
        pictures = {stage.place(path) for path in stage.plots}  # they follow from what stands beside them
        others = sorted((path for path, md5 in rows.items() if here.get(path) != md5), key=lambda path: path in pictures)
        other = others[0] if others else ""
        if rows and not other and all(name in cleared for name in graph.get(stage.name, ())):
            cleared.append(stage.name)
        elif other and not first:
            first, place = stage.name, other
    return Parting(first, place, "", tuple(cleared))


def look_into(here: Path, there: Path, python: Path | None) -> str:
    """The first column, tensor and row that differ, arrays read by the project's packages; "" for what cannot be looked at here."""
    if not here.is_file() or not there.is_file():
        return ""
    if here.suffix in models.SUFFIXES:
        return models.first_difference(here, there)
    ours, theirs = read_table(here), read_table(there)
    if ours is None or theirs is None:
        return _of_json(here, there) if here.suffix == ".json" else _of_arrays(here, there, python) if here.suffix in _ARRAYS else ""
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


def _of_arrays(here: Path, there: Path, python: Path | None) -> str:
    outcome = process.run(first_difference(python, here, there))
    return outcome.output.strip() if outcome.status == 0 else ""


def _of_json(here: Path, there: Path) -> str:
    try:
        ours, theirs = (json.loads(path.read_text(encoding="utf-8")) for path in (here, there))
    except ValueError:
        return ""
    return _first_key(ours, theirs, "")


def _first_key(ours: Any, theirs: Any, name: str) -> str:
    if type(ours) is type(theirs) and isinstance(ours, (dict, list)):
        pairs = [(key, ours.get(key), theirs.get(key)) for key in {**ours, **theirs}] if isinstance(ours, dict) else [
            (number, *pair) for number, pair in enumerate(zip(ours, theirs, strict=False), 1)
        ]  # fmt: skip
        found = next((said for key, one, other in pairs if (said := _first_key(one, other, f"{name}.{key}" if name else str(key)))), "")
        return found or (f"{name}: {len(theirs)} values there, {len(ours)} here" if len(ours) != len(theirs) else "")
    return "" if ours == theirs else name or "its value"
