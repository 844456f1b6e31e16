"""Compare what was expected with what was obtained.

A level is only given for what was compared: *identical* means the same to the last bit of every float; *equal*, floats that differ by at most a
relative bound (or the same numbers written differently); counts, labels and words have no bound.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ferrata.records.proof import Comparison, Level, RowComparison

if TYPE_CHECKING:
    import numpy as np

BOUND = 1e-9
# What a metric measures of the machine, not of the model.
CLOCKS = ("fit_time", "score_time", "mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time")
_SHOWN = 5
_ORDER = tuple(Level)
_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w|\.\d)"
_TOKENS = re.compile(rf"0x[0-9a-fA-F]{{6,}}|[^\W\d]\w*|{_NUMBER}|\w+|[^\w\s]")


@dataclass(frozen=True)
class _Found:
    """The level of a part, the largest relative difference in it, and the first reason that it is not identical."""

    level: Level
    difference: float = 0.0
    why: str = ""


_SAME = _Found(Level.IDENTICAL)


def compare(name: str, expected: Any, obtained: Any, *, bound: float = BOUND) -> Comparison:
    """Compare two JSON values (numbers, texts, nested lists and dicts; NumPy values are taken as what they hold).

    Nothing on either side (None, no items, no text) is not comparable. NaN is NaN; 1 and 1.0, 0.0 and -0.0 are equal, not identical. Texts are compared
    word by word, numbers in them as numbers, addresses in memory not at all.
    """
    expected, obtained = _plain(expected), _plain(obtained)
    if _is_nothing(expected) or _is_nothing(obtained):
        why = "nothing to compare with" if _is_nothing(expected) else "nothing was obtained"
        return Comparison(name, expected, obtained, Level.NOT_COMPARABLE, why=why)
    found = _compare(expected, obtained, bound)
    difference = found.difference if math.isfinite(found.difference) else None
    return Comparison(name, expected, obtained, found.level, difference, _stated(found.level, bound), found.why)


def compare_runs(
    name: str, expected_runs: Sequence[Any], obtained_runs: Sequence[Any], *, bound: float = BOUND
) -> Comparison:
    """Compare the first runs of both sides; where they differ, repeated runs tell whether that is noise."""
    if not expected_runs or not obtained_runs:
        return compare(name, None, None, bound=bound)
    first = compare(name, expected_runs[0], obtained_runs[0], bound=bound)
    if first.level is not Level.DIFFERENT or not within_noise(expected_runs, obtained_runs):
        return first
    counts = f"{len(expected_runs)} and {len(obtained_runs)} runs"
    return Comparison(
        name,
        first.expected,
        first.obtained,
        Level.WITHIN_NOISE,
        first.difference,
        bound,
        f"the means of {counts} lie within their spread",
    )


def within_noise(expected_runs: Sequence[Any], obtained_runs: Sequence[Any]) -> bool:
    """Whether, for every number, the means of both sides are no further apart than the runs of one side are among themselves.

    False with fewer than two runs on a side, and where anything but a float differs.
    """
    if len(expected_runs) < 2 or len(obtained_runs) < 2:
        return False
    skeletons, columns = zip(*(_numbers(_plain(run)) for run in (*expected_runs, *obtained_runs)), strict=True)
    if any(skeleton != skeletons[0] for skeleton in skeletons) or not columns[0]:
        return False
    count = len(expected_runs)
    return all(_overlap(values[:count], values[count:]) for values in zip(*columns, strict=True))


def compare_rows(name: str, expected: Any, obtained: Any, *, bound: float = BOUND) -> RowComparison:
    """Compare predictions row by row: arrays of numbers, texts or objects, one or more columns; rows are the first axis."""
    import numpy as np

    left, right = np.asarray(expected), np.asarray(obtained)
    rows = left.shape[0] if left.ndim else 0
    if not rows or not right.ndim or not right.shape[0]:
        return RowComparison(name, 0, 0, Level.NOT_COMPARABLE, why="there are no rows on one side")
    if left.shape != right.shape:
        return RowComparison(name, 0, 0, Level.DIFFERENT, why=f"{_shape(left)} expected, {_shape(right)} obtained")
    same, close, differences = _by_row(left, right, bound)
    level = _row_level(left, right, same, close)
    unlike = np.flatnonzero(~close if level is Level.DIFFERENT else ~same)
    finite = differences[np.isfinite(differences)]
    return RowComparison(
        name,
        rows,
        int(same.sum()),
        level,
        tuple(int(row) for row in unlike[:_SHOWN]),
        float(finite.max()) if finite.size else None,
        ""
        if level is Level.IDENTICAL or left.dtype == right.dtype
        else f"{left.dtype} expected, {right.dtype} obtained",
    )


def worst(levels: Iterable[Level]) -> Level:
    """The worst of the levels; NOT_COMPARABLE when there are none."""
    return max(levels, key=_ORDER.index, default=Level.NOT_COMPARABLE)


def _stated(level: Level, bound: float) -> float | None:
    return bound if level in (Level.EQUAL, Level.DIFFERENT) else None


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def _plain(value: Any) -> Any:
    """NumPy's scalars and arrays as Python's; tuples as lists."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def _compare(expected: Any, obtained: Any, bound: float) -> _Found:
    if _is_number(expected) and _is_number(obtained):
        return _compare_numbers(expected, obtained, bound)
    if type(expected) is not type(obtained):
        return _different(f"{_kind(expected)} expected, {_kind(obtained)} obtained")
    if isinstance(expected, str):
        return _compare_texts(expected, obtained, bound)
    if isinstance(expected, list):
        return _compare_lists(expected, obtained, bound)
    if isinstance(expected, dict):
        return _compare_dicts(expected, obtained, bound)
    return (
        _SAME
        if expected is obtained or expected == obtained
        else _different(f"{expected} expected, {obtained} obtained")
    )


def _different(why: str) -> _Found:
    return _Found(Level.DIFFERENT, math.nan, why)


def _kind(value: Any) -> str:
    names = {
        bool: "a truth value",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table of names",
    }
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compare_numbers(expected: float, obtained: float, bound: float) -> _Found:
    if type(expected) is type(obtained) and repr(expected) == repr(obtained):
        return _SAME
    difference = relative_difference(expected, obtained)
    if difference == 0.0:
        return _Found(Level.EQUAL, 0.0, f"{expected!r} and {obtained!r} are written differently")
    is_exact = isinstance(expected, int) and isinstance(obtained, int)
    level = Level.EQUAL if not is_exact and difference <= bound else Level.DIFFERENT
    return _Found(level, difference, f"{expected!r} expected, {obtained!r} obtained")


def relative_difference(expected: float, obtained: float) -> float:
    """|expected - obtained| over the larger magnitude, from 0 to 2; infinite when only one side is finite or a number at all."""
    if expected == obtained or (expected != expected and obtained != obtained):
        return 0.0
    if not (math.isfinite(expected) and math.isfinite(obtained)):
        return math.inf
    scale = max(abs(expected), abs(obtained))
    # Divided first: the difference of two huge numbers may overflow.
    return abs(expected / scale - obtained / scale) or math.ulp(0.0)


def _compare_lists(expected: list[Any], obtained: list[Any], bound: float) -> _Found:
    if len(expected) != len(obtained):
        return _different(f"{len(expected)} values expected, {len(obtained)} obtained")
    return _together(_compare(one, other, bound) for one, other in zip(expected, obtained, strict=True))


def _compare_dicts(expected: dict[str, Any], obtained: dict[str, Any], bound: float) -> _Found:
    if expected.keys() != obtained.keys():
        names = ", ".join(str(name) for name in sorted(expected.keys() ^ obtained.keys(), key=str)[:_SHOWN])
        return _different(f"only one side has {names}")
    return _together(_compare(expected[key], obtained[key], bound) for key in expected)


def _together(parts: Iterable[_Found]) -> _Found:
    found = list(parts)
    level = worst([Level.IDENTICAL, *(part.level for part in found)])
    differences = [part.difference for part in found if not math.isnan(part.difference)]
    why = next((part.why for part in found if part.level is level), "")
    return _Found(level, max(differences, default=math.nan if found else 0.0), why)


def _compare_texts(expected: str, obtained: str, bound: float) -> _Found:
    if expected == obtained:
        return _SAME
    left, right = _TOKENS.findall(expected), _TOKENS.findall(obtained)
    if len(left) != len(right):
        return _different("the text has other words")
    found = _together(_compare_tokens(one, other, bound) for one, other in zip(left, right, strict=True))
    return found if found.level is not Level.IDENTICAL else _Found(Level.EQUAL, 0.0, "the text is laid out differently")


def _compare_tokens(expected: str, obtained: str, bound: float) -> _Found:
    if expected == obtained or (_is_address(expected) and _is_address(obtained)):
        return _SAME
    left, right = _number(expected), _number(obtained)
    if left is None or right is None:
        return _different(f"“{expected}” expected, “{obtained}” obtained")
    return _compare_numbers(left, right, bound)


def _is_address(token: str) -> bool:
    return token.startswith("0x") and len(token) > 7


def _number(token: str) -> int | float | None:
    if token.lower() in ("nan", "inf"):
        return float(token)
    if not re.fullmatch(_NUMBER, token):
        return None
    return int(token) if re.fullmatch(r"[-+]?\d+", token) else float(token)


def _numbers(value: Any) -> tuple[Any, list[float]]:
    """A value with its floats (and the numbers in its texts) taken out, and these in order."""
    if isinstance(value, float):
        return float, [value]
    if isinstance(value, str):
        tokens: list[Any] = _TOKENS.findall(value)
        found = [_number(token) for token in tokens]
        floats = [number for number in found if isinstance(number, float)]
        return [
            float if isinstance(number, float) else token for token, number in zip(tokens, found, strict=True)
        ], floats
    if isinstance(value, list | dict):
        parts = [_numbers(item) for item in (value.values() if isinstance(value, dict) else value)]
        skeleton = [part[0] for part in parts]
        return (list(value) if isinstance(value, dict) else None, skeleton), [
            number for part in parts for number in part[1]
        ]
    return (type(value), value), []


def _overlap(expected: Sequence[float], obtained: Sequence[float]) -> bool:
    if any(not math.isfinite(value) for value in (*expected, *obtained)):
        return all(repr(value) == repr(expected[0]) for value in (*expected, *obtained))
    spread = max(max(expected) - min(expected), max(obtained) - min(obtained))
    return abs(sum(expected) / len(expected) - sum(obtained) / len(obtained)) <= spread


def _shape(array: np.ndarray[Any, Any]) -> str:
    return f"{array.shape[0]} rows" + (f" of {' × '.join(map(str, array.shape[1:]))}" if array.ndim > 1 else "")


def _by_row(left: Any, right: Any, bound: float) -> tuple[Any, Any, Any]:
    """Per row: identical, within the bound, and the largest relative difference."""
    rows = left.shape[0]
    compare_cells = _float_cells if {left.dtype.kind, right.dtype.kind} <= set("iuf") else _object_cells
    parts = compare_cells(left.reshape(rows, -1), right.reshape(rows, -1), bound)
    same, close, differences = parts
    return same.all(axis=1), close.all(axis=1), differences.max(axis=1, initial=0.0)


def _float_cells(left: Any, right: Any, bound: float) -> tuple[Any, Any, Any]:
    import numpy as np

    if "f" not in left.dtype.kind + right.dtype.kind:
        same = left == right
        return same, same, np.where(same, 0.0, _relative(left.astype(float), right.astype(float)))
    one, other = left.astype(float), right.astype(float)
    both_nan = np.isnan(one) & np.isnan(other)
    # In their own types: a long double has more digits than a float.
    equal = (left == right) | both_nan
    differences = np.where(equal, 0.0, _relative(one, other))
    same = equal & (np.signbit(one) == np.signbit(other)) | both_nan
    return same, equal | (differences <= bound), differences


def _relative(left: Any, right: Any) -> Any:
    import numpy as np

    with np.errstate(all="ignore"):
        scale = np.maximum(np.abs(left), np.abs(right))
        differences = np.abs(left / scale - right / scale)
    return np.where(np.isfinite(left) & np.isfinite(right), differences, np.inf)


def _object_cells(left: Any, right: Any, bound: float) -> tuple[Any, Any, Any]:
    import numpy as np

    found = [
        [_compare_labels(one, other, bound) for one, other in zip(*row, strict=True)]
        for row in zip(left.tolist(), right.tolist(), strict=True)
    ]
    levels = np.array([[_ORDER.index(cell.level) for cell in row] for row in found]).reshape(left.shape)
    differences = np.array([[cell.difference for cell in row] for row in found], dtype=float).reshape(left.shape)
    return levels == 0, levels <= 1, np.nan_to_num(differences, nan=np.inf, posinf=np.inf)


def _compare_labels(expected: Any, obtained: Any, bound: float) -> _Found:
    """A cell: words are labels here, never reports with numbers in them."""
    if isinstance(expected, str) and isinstance(obtained, str):
        return _SAME if expected == obtained else _different("")
    return _compare(_plain(expected), _plain(obtained), bound)


def _row_level(left: Any, right: Any, same: Any, close: Any) -> Level:
    if not close.all():
        return Level.DIFFERENT
    # Texts of other widths are the same texts; numbers of another type are only equal ones.
    is_same_type = left.dtype == right.dtype or {left.dtype.kind, right.dtype.kind} <= set("UO")
    return Level.IDENTICAL if same.all() and is_same_type else Level.EQUAL
