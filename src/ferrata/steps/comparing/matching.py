"""Rows of two versions by their content, and what makes the versions not comparable.

A row is the same where its cells in the data file are, in the columns that both files have but for the target: its number may differ, the features made of
it may differ. Where the rows cannot be traced to a data file, the digest of what was evaluated takes their place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ferrata.records.evidence import DataRows, Matched, Side


def match(first: Side, second: Side) -> Matched | None:
    """None where nothing tells which rows are the same."""
    if first.data is not None and second.data is not None:
        names = _shared(first.data, second.data)
        if names:
            return _by_data(first, second, first.data, second.data, names)
    if "content" in first.columns and "content" in second.columns:
        return _by_content(first, second)
    return None


def _shared(first: DataRows, second: DataRows) -> list[str]:
    """Columns of both files, without the targets."""
    theirs = {column.name for column in second.columns}
    return [column.name for column in first.columns if column.name in theirs and column.name not in (first.target, second.target)]


def _by_data(first: Side, second: Side, one: DataRows, other: DataRows, names: list[str]) -> Matched:
    import numpy as np

    keys = [_keys(data, names) for data in (one, other)]
    tested = [keys[0][one.places], keys[1][other.places]]
    found = _pairs(_counted(tested[0]), _counted(tested[1]))
    alone = np.setdiff1d(np.arange(len(tested[0])), found[0])
    untested = [np.delete(key, data.places) for key, data in zip(keys, (one, other), strict=True)]
    return Matched(
        *found, "their cells in the data file", len(alone), len(tested[1]) - len(found[1]), int(np.isin(tested[0][alone], untested[1]).sum()),
        _relabelled(first, second, *found), *(int(np.isin(test, rest).sum()) for test, rest in zip(tested, untested, strict=True)),
    )  # fmt: skip


def _by_content(first: Side, second: Side) -> Matched:
    tested = [side.columns["content"] for side in (first, second)]
    found = _pairs(*(_counted(each) for each in tested))
    return Matched(*found, "what was evaluated", len(tested[0]) - len(found[0]), len(tested[1]) - len(found[1]), 0, _relabelled(first, second, *found))


def _keys(data: DataRows, names: list[str]) -> Any:
    """One number a row of the file: the digests of its cells, mixed in the order of the names."""
    import numpy as np

    by_name = {column.name: column.digests for column in data.columns}
    mixed = np.zeros(data.rows, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for name in names:
            mixed = (mixed ^ by_name[name]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
    return mixed


def _counted(keys: Any) -> Any:
    """Of alike rows, the first, the second … are told apart: (key, how many of it came before) a row."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(keys) else np.empty(0, dtype=int)
    before = np.arange(len(keys)) - np.repeat(starts, np.diff(np.append(starts, len(keys))))
    counts = np.empty(len(keys), dtype=int)
    counts[order] = before
    found = np.empty(len(keys), dtype=[("key", keys.dtype), ("count", int)])
    found["key"], found["count"] = keys, counts
    return found


def _pairs(first: Any, second: Any) -> tuple[Any, Any]:
    """Numbers of the rows of both sides that are the same, in the order of the first."""
    import numpy as np

    if first["key"].dtype != second["key"].dtype:
        width = np.promote_types(first["key"].dtype, second["key"].dtype)
        first, second = (each.astype([("key", width), ("count", int)]) for each in (first, second))
    _, one, other = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    order = np.argsort(one)
    return one[order], other[order]


def _relabelled(first: Side, second: Side, one: Any, other: Any) -> int:
    return int(_has_another_truth(first, second, one, other).sum())


def _has_another_truth(first: Side, second: Side, one: Any, other: Any) -> Any:
    """Per row; a number is the same however it is written."""
    import numpy as np

    truths = first.columns["truth"][one], second.columns["truth"][other]
    if all(truth.dtype.kind in "iufb" for truth in truths):
        return ~np.isclose(truths[0].astype(float), truths[1].astype(float), rtol=1e-9, equal_nan=True)
    return truths[0].astype(str) != truths[1].astype(str)


def same_truth(first: Side, second: Side, matched: Matched) -> Matched:
    """The rows whose truth is the same in both."""
    keep = ~_has_another_truth(first, second, matched.first, matched.second)
    return replace(matched, first=matched.first[keep], second=matched.second[keep])


def why_not(first: Side, second: Side, matched: Matched | None) -> list[str]:
    """Sentences on what makes the versions not comparable; none where they are."""
    if matched is None:
        return [_untold(side) for side in (first, second) if side.data is None and "content" not in side.columns] or [
            "Nothing tells which rows of both are the same: the data files have no column in common, and the evaluated rows are recorded on one side only."
        ]
    total = matched.count + matched.only_first
    found = []
    if matched.only_first or matched.only_second:
        moved = f" {matched.moved} of the others are still in its data, so that it may have learned from them." if matched.moved else ""
        found.append(f"The test set is another one: {matched.count} of the {total} rows that {first.version.name} was tested on are among the "
                     f"{matched.count + matched.only_second} of {second.version.name}.{moved}")  # fmt: skip
    if matched.relabelled:
        found.append(f"The target is another one: {matched.relabelled} of the {matched.count} rows in common have another truth.")
    return found


def _untold(side: Side) -> str:
    return (
        f"Nothing tells which rows {side.version.name} was tested on: they cannot be traced to a data file, and their content is not recorded. "
        "Give `save_predictions` the evaluated rows as its third argument, as projects have it that are adopted today."
    )


def warnings(first: Side, second: Side, matched: Matched) -> list[str]:
    """What does not forbid a comparison and flatters it."""
    counts = ((first, matched.first_duplicates), (second, matched.second_duplicates))
    return [
        f"{count} test rows of {side.version.name} are also in its data outside of the test set, with the same cells: a model that remembers them looks better."
        for side, count in counts if count
    ]  # fmt: skip
