"""Levels are never better than what was compared."""

from __future__ import annotations

import copy
import math
import random
from typing import Any

import numpy as np
import pytest

from ferrata.records.proof import Level
from ferrata.statistics.compare import compare, compare_rows, compare_runs, relative_difference, within_noise, worst

NAN, INF = math.nan, math.inf
REPORT = """              precision    recall  f1-score   support

           0       0.85      0.90      0.87       100
           1       0.75      0.66      0.70        50
    accuracy                           0.82       150
"""

DIFFERENT: dict[str, tuple[Any, Any]] = {
    "counts one apart": (10**15, 10**15 + 1),
    "another label": ("yes", "no"),
    "a count in a text": ("kept 1000000000000 rows", "kept 1000000000001 rows"),
    "one value less": ([1.0, 2.0], [1.0]),
    "one value more": ([1.0], [1.0, 2.0]),
    "one of many": ([0.5] * 100, [0.5] * 99 + [0.6]),
    "nan and a number": (NAN, 0.5),
    "nan and nothing inside": ([NAN], [None]),
    "infinities of other sign": (INF, -INF),
    "infinity and a huge number": (INF, 1e308),
    "zero and nearly zero": (0.0, 1e-17),
    "the sign": (1e-300, -1e-300),
    "true and 1": (True, 1),
    "a number and its text": (0.5, "0.5"),
    "a list and its only value": ([0.5], 0.5),
    "other names": ({"a": 1.0}, {"b": 1.0}),
    "more names": ({"a": 1.0}, {"a": 1.0, "b": 2.0}),
    "a digit of a report": (REPORT, REPORT.replace("0.87", "0.88")),
    "a word of a report": (REPORT, REPORT.replace("recall", "recalled")),
    "a line of a report": (REPORT, REPORT + "more"),
    "a version in a text": ("version 1.2.3", "version 1.2.4"),
    "a name with a digit": ("model1 won", "model2 won"),
    "just above the bound": (1.0, 1.0 + 3e-9),
}

EQUAL: dict[str, tuple[Any, Any]] = {
    "the last bit": (0.3, 0.1 + 0.2),
    "an int and its float": (1, 1.0),
    "the sign of zero": (0.0, -0.0),
    "the last bit deep inside": ({"a": [[0.3, 1]]}, {"a": [[0.1 + 0.2, 1]]}),
    "spaces in a report": (REPORT, REPORT.replace("    ", " ")),
    "a last digit in a text": ("score: 0.30000000000000004.", "score: 0.3."),
    "an address in a text": ("<Model at 0x7f58f6e02020> 0.5", "<Model at 0x7f58f43c0ee0> 0.5"),
    "trailing zeros in a text": ("0.50", "0.5"),
}

IDENTICAL: dict[str, tuple[Any, Any]] = {
    "floats": (0.1 + 0.2, 0.1 + 0.2),
    "nan": (NAN, float("nan")),
    "infinity": (INF, INF),
    "ints": (3, 3),
    "nested": ([[1, 0.5], {"a": None}], [[1, 0.5], {"a": None}]),
    "a text": (REPORT, str(REPORT)),
    "false": (False, False),
    "zero": (0.0, 0.0),
    "a NumPy number": (np.float64(0.5), 0.5),
    "an array": (np.array([0.5, 1.5]), [0.5, 1.5]),
}

NOT_COMPARABLE: dict[str, tuple[Any, Any]] = {
    "nothing at all": (None, None),
    "nothing expected": (None, 0.5),
    "nothing obtained": (0.5, None),
    "empty lists": ([], []),
    "no text": ("", ""),
    "no names": ({}, {}),
}

CASES = [
    pytest.param(level, *pair, id=f"{level.value}: {name}")
    for level, table in (
        (Level.DIFFERENT, DIFFERENT), (Level.EQUAL, EQUAL), (Level.IDENTICAL, IDENTICAL), (Level.NOT_COMPARABLE, NOT_COMPARABLE),
    )
    for name, pair in table.items()
]  # fmt: skip


@pytest.mark.parametrize(("level", "expected", "obtained"), CASES)
def test_levels(level: Level, expected: Any, obtained: Any) -> None:
    for one, other in ((expected, obtained), (obtained, expected)):
        comparison = compare("score", one, other)
        assert comparison.level is level, comparison
        assert (comparison.why == "") == (level is Level.IDENTICAL)
        assert (comparison.bound is not None) == (level in (Level.EQUAL, Level.DIFFERENT))


def test_the_difference_is_the_largest_one() -> None:
    assert compare("score", [1.0, 2.0, 4.0], [1.0, 2.0, 5.0]).difference == pytest.approx(0.2)
    assert compare("score", [1.0], [1.0]).difference == 0.0


def test_the_bound_is_the_caller_s() -> None:
    assert compare("score", 1.0, 1.01, bound=0.1).level is Level.EQUAL
    assert compare("score", 1.0, 1.0 + 1e-12, bound=0.0).level is Level.DIFFERENT


def _random_value(generator: random.Random, depth: int = 0) -> Any:
    kinds = [
        lambda: generator.randrange(-5, 1000),
        lambda: generator.choice(
            [generator.gauss(0, 1), generator.random() * 10 ** generator.randrange(-300, 300), 0.0, NAN, INF]
        ),
        lambda: generator.choice([True, False]),
        lambda: f"score {generator.random():.4f} of {generator.randrange(9)} in class {generator.choice('abc')}",
    ]
    if depth < 3:
        kinds += [
            lambda: [_random_value(generator, depth + 1) for _ in range(generator.randrange(1, 5))],
            lambda: {name: _random_value(generator, depth + 1) for name in "abc"[: generator.randrange(1, 4)]},
        ]  # fmt: skip
    return generator.choice(kinds)()


def _changed(value: Any, generator: random.Random) -> Any:
    """The value with one leaf changed as little as can be."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return 1.0 if not math.isfinite(value) else math.nextafter(value, generator.choice([-INF, INF]))
    if isinstance(value, str):
        return value.replace("class ", "class z")
    key = generator.choice(list(value) if isinstance(value, dict) else range(len(value)))
    value = copy.copy(value)
    value[key] = _changed(value[key], generator)
    return value


@pytest.mark.parametrize("seed", range(300))
def test_no_change_is_ever_called_identical(seed: int) -> None:
    generator = random.Random(seed)
    value = _random_value(generator)
    assert compare("score", value, copy.deepcopy(value)).level is Level.IDENTICAL
    assert compare("score", value, _changed(value, generator)).level not in (Level.IDENTICAL, Level.NOT_COMPARABLE)


ROWS: dict[str, tuple[Any, Any, Level, int, tuple[int, ...]]] = {
    "labels that differ": (["a", "b", "c"], ["a", "x", "c"], Level.DIFFERENT, 2, (1,)),
    "a row less": ([1, 2], [1], Level.DIFFERENT, 0, ()),
    "a column less": ([[0.1, 0.9]], [[0.9]], Level.DIFFERENT, 0, ()),
    "classes that differ": ([1, 2, 3], [1, 2, 4], Level.DIFFERENT, 2, (2,)),
    "huge ids one apart": ([2**62], [2**62 + 1], Level.DIFFERENT, 0, (0,)),
    "nan and a number": ([NAN, 1.0], [0.0, 1.0], Level.DIFFERENT, 1, (0,)),
    "infinity and a number": ([INF], [1.0], Level.DIFFERENT, 0, (0,)),
    "labels with a number in them": (["class 1.0"], ["class 1.00"], Level.DIFFERENT, 0, (0,)),
    "texts and numbers": (["1"], [1], Level.DIFFERENT, 0, (0,)),
    "truth and numbers": ([True, False], [1, 0], Level.DIFFERENT, 0, (0, 1)),
    "only the first five": (list(range(10)), list(range(1, 11)), Level.DIFFERENT, 0, (0, 1, 2, 3, 4)),
    "the last bit": ([0.3, 0.5], [0.1 + 0.2, 0.5], Level.EQUAL, 1, (0,)),
    "the last bit of a probability": ([[0.3, 0.7]], [[0.1 + 0.2, 0.7]], Level.EQUAL, 0, (0,)),
    "the sign of zero": ([0.0], [-0.0], Level.EQUAL, 0, (0,)),
    "ints and floats": ([1, 2], [1.0, 2.0], Level.EQUAL, 2, ()),
    "float widths": (np.array([0.5], "f4"), np.array([0.5], "f8"), Level.EQUAL, 1, ()),
    "long doubles": (np.array([1], "g"), np.array([1], "g") + np.finfo("g").eps, Level.EQUAL, 0, (0,)),
    "numbers": ([0.1, NAN, -INF], [0.1, NAN, -INF], Level.IDENTICAL, 3, ()),
    "probabilities": ([[0.1, 0.9]] * 4, [[0.1, 0.9]] * 4, Level.IDENTICAL, 4, ()),
    "labels": (["a", "b"], ["a", "b"], Level.IDENTICAL, 2, ()),
    "labels as objects": (np.array(["a", "bcd"], dtype=object), ["a", "bcd"], Level.IDENTICAL, 2, ()),
    "truth": ([True, False], [True, False], Level.IDENTICAL, 2, ()),
    "objects with nothing": (np.array(["a", None, NAN], dtype=object), np.array(["a", None, NAN], dtype=object), Level.IDENTICAL, 3, ()),
    "dates": (np.array(["2020-01-01"], "M8[D]"), np.array(["2020-01-01"], "M8[D]"), Level.IDENTICAL, 1, ()),
    "no rows": ([], [], Level.NOT_COMPARABLE, 0, ()),
    "one number": (0.5, 0.5, Level.NOT_COMPARABLE, 0, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_rows(name: str) -> None:
    expected, obtained, level, same, first = ROWS[name]
    comparison = compare_rows("predictions", expected, obtained)
    assert (comparison.level, comparison.same, comparison.first_different) == (level, same, first), comparison


@pytest.mark.parametrize("seed", range(50))
def test_no_changed_row_is_ever_called_identical(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(generator.integers(1, 30), generator.integers(1, 4))) * 10.0 ** generator.integers(
        -200, 200
    )
    other = values.copy()
    row, column = generator.integers(values.shape[0]), generator.integers(values.shape[1])
    other[row, column] = np.nextafter(other[row, column], np.inf)
    comparison = compare_rows("predictions", values, other)
    assert (
        comparison.level is Level.EQUAL
        and comparison.same == comparison.rows - 1
        and comparison.first_different == (row,)
    )
    assert compare_rows("predictions", values, values.copy()).level is Level.IDENTICAL


NOISE: dict[str, tuple[list[Any], list[Any], bool]] = {
    "one run says nothing": ([0.5], [0.5], False),
    "far apart": ([0.50, 0.51], [0.60, 0.61], False),
    "one of several numbers is apart": ([[0.5, 1.0], [0.6, 1.0]], [[0.55, 1.1], [0.56, 1.1]], False),
    "counts have no noise": ([10, 12], [11, 11], False),
    "words have no noise": (["good 0.5", "good 0.6"], ["bad 0.5", "bad 0.6"], False),
    "other lengths": ([[0.5], [0.6]], [[0.5, 0.5], [0.6, 0.6]], False),
    "no spread and another value": ([0.5, 0.5], [0.6, 0.6], False),
    "nan on one side": ([0.5, 0.6], [NAN, NAN], False),
    "inside": ([0.50, 0.60], [0.52, 0.58], True),
    "overlapping": ([0.50, 0.60], [0.55, 0.65], True),
    "a number in a text": (["accuracy 0.50", "accuracy 0.60"], ["accuracy 0.55", "accuracy 0.57"], True),
    "the same": ([0.5, 0.5], [0.5, 0.5], True),
}


@pytest.mark.parametrize("name", NOISE)
def test_noise(name: str) -> None:
    expected, obtained, answer = NOISE[name]
    assert within_noise(expected, obtained) is answer and within_noise(obtained, expected) is answer


def test_runs_are_noise_only_where_they_differ() -> None:
    assert compare_runs("score", [0.5, 0.6], [0.55, 0.58]).level is Level.WITHIN_NOISE
    assert compare_runs("score", [0.5, 0.6], [0.5, 0.9]).level is Level.IDENTICAL
    assert compare_runs("score", [0.5, 0.51], [0.7, 0.71]).level is Level.DIFFERENT
    assert compare_runs("score", [], [0.5]).level is Level.NOT_COMPARABLE


def test_worst() -> None:
    assert worst([]) is Level.NOT_COMPARABLE
    assert worst([Level.IDENTICAL, Level.EQUAL]) is Level.EQUAL
    assert worst([Level.DIFFERENT, Level.WITHIN_NOISE]) is Level.DIFFERENT
    assert worst(Level) is Level.NOT_COMPARABLE


def test_relative_difference_of_huge_numbers() -> None:
    assert relative_difference(1.5e308, -1.5e308) == 2.0
    assert relative_difference(5e-324, 1e-323) == 0.5
    assert 0.0 < relative_difference(1.0, math.nextafter(1.0, 2.0)) < 1e-15
