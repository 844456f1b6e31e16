"""When a result could have come from a further run of the same."""

from __future__ import annotations

import random

import pytest

from ferrata.steps.explaining.noise import could_be


@pytest.mark.parametrize(
    ("values", "value", "could"),
    [([1.0, 1.0], 1.0, True), ([1.0], 1.0, True), ([1.0], 2.0, False), ([1.0, 1.0, 1.0], 1.1, False), ([1.0, 2.0, 3.0, 2.0, 1.5], 9.0, False),
     ([1.0, 2.0, 3.0, 2.0, 1.5], 3.4, True), ([1.0, float("nan")], 1.0, True), ([2.0, float("inf")], 1.0, False)],
)  # fmt: skip
def test_values_that_could_be_the_next(values: list[float], value: float, could: bool) -> None:
    assert could_be(values, value) is could


@pytest.mark.parametrize("runs", [2, 5, 7, 11, 20, 40])
def test_a_further_run_is_called_one_of_them_in_ninety_nine_of_a_hundred_cases(runs: int) -> None:
    draw = random.Random(runs)
    hits = sum(could_be([draw.gauss(3, 2) for _ in range(runs)], draw.gauss(3, 2)) for _ in range(2000))
    assert 0.98 <= hits / 2000 <= 1
