"""What lies beneath a difference: rows that flipped, slices that got worse, calibration, confusion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ferrata.errors import UsageError
from ferrata.records.evidence import Column, Flip, Matched, Side, Slice

if TYPE_CHECKING:
    from ferrata.statistics.scores import Rows

MOST_FLIPS = 10
LEAST_ROWS = 20
MOST_VALUES = 20
BINS = 10
MOST_POINTS = 2000


def losses(rows: Rows) -> tuple[Any, Any]:
    """Of each row, for both versions: 1 where the class is wrong, or the absolute error."""
    import numpy as np

    if rows.classes is not None:
        return (rows.first != rows.truth).astype(float), (rows.second != rows.truth).astype(float)
    return np.abs(rows.first - rows.truth), np.abs(rows.second - rows.truth)


def flipped(rows: Rows) -> tuple[int, int]:
    """(rows that only the second version has right, rows that only the first has); 0 for numbers."""
    import numpy as np

    if rows.classes is None:
        return 0, 0
    one, other = losses(rows)
    return int(np.count_nonzero((one == 1) & (other == 0))), int(np.count_nonzero((one == 0) & (other == 1)))


def worst_regressions(rows: Rows, matched: Matched, second: Side) -> list[tuple[Flip, int, int]]:
    """Rows that became wrong, the surest mistakes first, or whose error grew the most; each with its number in the data file (-1 where it is not known), and
    among the matched rows.
    """
    import numpy as np

    one, other = losses(rows)
    grown = other - one
    if rows.classes is not None and rows.second_probabilities is not None:
        # A mistake is the worse the less the truth was thought possible.
        grown = np.where(grown > 0, grown + 1 - rows.second_probabilities[np.arange(rows.count), rows.truth.astype(int)], grown)
    order = [at for at in np.argsort(-grown, kind="stable")[:MOST_FLIPS].tolist() if grown[at] > 0]
    places = second.data.places[matched.second] if second.data is not None else np.full(rows.count, -1)
    labels = second.columns.get("row", np.arange(len(second.columns["truth"])))
    names = [str(labels[matched.second[at]]) for at in order]
    said = [tuple(_shown(rows, each[at]) for each in (rows.truth, rows.first, rows.second)) for at in order]
    return [(Flip(name, *words[:3]), int(places[at]), at) for name, words, at in zip(names, said, order, strict=True)]  # type: ignore[arg-type]


def _shown(rows: Rows, value: Any) -> str:
    return str(rows.classes[int(value)]) if rows.classes is not None else f"{float(value):.6g}"


def slices(rows: Rows, matched: Matched, second: Side, wanted: Sequence[str]) -> tuple[Slice, ...]:
    """Every value of each column with enough rows, quarters of numbers. UsageError for a column that the data has not, or has no values for."""
    data = second.data
    if data is None:
        if list(wanted) not in ([], ["auto"]):
            raise UsageError("The rows cannot be traced to a data file, so that it has no columns to slice by", where="--slices", todo="Leave --slices out.")
        return ()
    chosen = [column for column in data.columns if column.kind != "text" and column.name != data.target]
    if list(wanted) != ["auto"]:
        names = [column.name for column in chosen]
        unknown = [name for name in wanted if name not in names]
        if unknown:
            raise UsageError(f"{unknown[0]} is no column to slice by", where="--slices", todo=f"One of: {', '.join(names)}.")
        chosen = [column for column in chosen if column.name in wanted]
    one, other = losses(rows)
    places = data.places[matched.second]
    found = [(column.name, value, inside) for column in chosen for value, inside in _values(column, places) if inside.sum() >= LEAST_ROWS]
    return _judged(found, one, other, rows.classes is not None)


def _values(column: Column, places: Any) -> Iterator[tuple[str, Any]]:
    import numpy as np

    cells = column.cells[places]
    if column.kind == "category":
        if len(np.unique(cells)) <= MOST_VALUES:
            yield from ((column.categories[code] or "(empty)", cells == code) for code in np.unique(cells).tolist())
        return
    known = cells[np.isfinite(cells)]
    distinct = np.unique(known)
    if 1 < len(distinct) <= 4:
        yield from ((f"{value:.6g}", cells == value) for value in distinct.tolist())
    elif len(distinct) > 4:
        edges = np.unique(np.quantile(known, [0, 0.25, 0.5, 0.75, 1]))
        for low, high in zip(edges, edges[1:], strict=False):
            is_last = high == edges[-1]
            yield f"{low:.4g} to {high:.4g}", (cells >= low) & ((cells <= high) if is_last else (cells < high))
    if not np.isfinite(cells).all():
        yield "(no number)", ~np.isfinite(cells)


def _judged(found: Sequence[tuple[str, str, Any]], one: Any, other: Any, is_classes: bool) -> tuple[Slice, ...]:
    """Exact McNemar for classes, a permutation of signs for numbers; corrected for all slices together."""
    from ferrata.statistics.corrections import holm
    from ferrata.statistics.measures import mean_of
    from ferrata.statistics.paired import mcnemar, permutation_p

    p_values = {
        str(number): mcnemar(one[inside] == 0, other[inside] == 0).p_value if is_classes else permutation_p(mean_of(one[inside]), mean_of(other[inside]))
        for number, (_, _, inside) in enumerate(found)
    }
    adjusted = holm(p_values)
    made = []
    for number, (column, value, inside) in enumerate(found):
        before, after = float(one[inside].mean()), float(other[inside].mean())
        shown = (1 - before, 1 - after) if is_classes else (before, after)
        is_worse = after > before and adjusted[str(number)] <= 0.05
        made.append(Slice(column, value, int(inside.sum()), *shown, p_values[str(number)], adjusted[str(number)], is_worse))
    return tuple(sorted(made, key=lambda each: (not each.is_worse, (each.second - each.first) * (1 if is_classes else -1))))


def confusions(rows: Rows) -> tuple[Any, ...]:
    """truth × decision counts of both versions."""
    import numpy as np

    if rows.classes is None or len(rows.classes) > MOST_VALUES:
        return ()
    size = len(rows.classes)
    return tuple(np.bincount(rows.truth * size + side, minlength=size * size).reshape(size, size).tolist() for side in (rows.first, rows.second))


def calibrations(rows: Rows) -> tuple[Any, ...]:
    """Of both versions, in bins of as many rows each: (mean probability of the second class, share that is of it, rows). () without probabilities."""
    import numpy as np

    given = (rows.first_probabilities, rows.second_probabilities)
    if rows.classes is None or len(rows.classes) != 2 or any(each is None for each in given):
        return ()
    found = []
    for probabilities in given:
        chance = probabilities[:, 1]  # type: ignore[index]
        parts = np.array_split(np.argsort(chance, kind="stable"), min(BINS, max(rows.count // 10, 1)))
        found.append([(float(chance[part].mean()), float(rows.truth[part].mean()), len(part)) for part in parts if len(part)])
    return tuple(found)


def points(rows: Rows) -> tuple[Any, ...]:
    """Of both versions, (truth, prediction) of rows evenly chosen; () for classes."""
    import numpy as np

    if rows.classes is not None:
        return ()
    chosen = np.unique(np.linspace(0, rows.count - 1, min(rows.count, MOST_POINTS)).astype(int))
    return tuple(np.column_stack([rows.truth[chosen], side[chosen]]).tolist() for side in (rows.first, rows.second))
