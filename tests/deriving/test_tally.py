"""What counts as the notebook's own answer, and the bound that is stated for it."""

from __future__ import annotations

import numpy as np
import pytest

from ferrata.observer.rowwise.tally import BOUND, NETWORK_BOUND, Tally
from ferrata.records.proof import Level
from ferrata.steps.deriving.contract import why_different
from ferrata.steps.serving.replay import _level

# (bound, expected and obtained probability, mismatches, level of the predictions, bound that is stated)
PROBABILITIES = (
    ("a bound is not for tables", BOUND, 0.25, 0.25 + 1e-7, 1, None),
    ("no number is no probability", NETWORK_BOUND, 0.25, float("nan"), 1, None),
    ("too far for a network too", NETWORK_BOUND, 0.25, 0.25 + 2e-5, 1, None),
    ("the same to the last bit", NETWORK_BOUND, 0.25, 0.25, 0, None),
    ("within the usual bound", NETWORK_BOUND, 0.25, 0.25 + 1e-11, 0, None),
    ("rounded otherwise", NETWORK_BOUND, 0.25, 0.25 + 3e-8, 0, 1e-6),
    ("never more than was allowed", NETWORK_BOUND, 0.25, 0.25 + 8e-6, 0, 1e-5),
)


@pytest.mark.parametrize(("name", "bound", "expected", "obtained", "mismatches", "stated"), PROBABILITIES, ids=[row[0] for row in PROBABILITIES])
def test_probabilities(name: str, bound: float, expected: float, obtained: float, mismatches: int, stated: float | None) -> None:
    tally = Tally(["a"], np.array([[expected, 1 - expected]]), bound)
    tally.add(0, {"prediction": "a", "probabilities": {"a": obtained, "b": 1 - obtained}}, "alone")
    found = tally.found(1, 1)
    assert (found["mismatches"], found["bound"]) == (mismatches, stated)


def test_a_label_has_no_bound() -> None:
    tally = Tally(["a", 3], None, NETWORK_BOUND)
    tally.add(0, {"prediction": "b"}, "alone")
    tally.add(1, {"prediction": 4}, "alone")
    assert tally.found(2, 2)["mismatches"] == 2


# (answers in a batch, answers alone, why)
DIFFERENT = (
    ("right among the others", "ab", "aa", "1 of 2 rows are answered as in the notebook when all are asked at once, but otherwise alone"),
    ("wrong either way", "aa", "aa", "1 of 2 rows are answered otherwise than in the notebook"),
    ("one of each", "ba", "bb", "2 of 2 rows are answered otherwise than in the notebook"),
)


@pytest.mark.parametrize(("name", "batch", "alone", "why"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_what_differs_only_alone_is_told_from_what_differs_in_a_batch(name: str, batch: str, alone: str, why: str) -> None:
    tally = Tally(["a", "b"], None)
    for how, answers in (("batch", batch), ("alone", alone)):
        for number, answer in enumerate(answers):
            tally.add(number, {"prediction": answer}, how)
    said, first = why_different(tally.found(2, 2)).split(": ", 1)
    assert said == why and "expected" in first


# (expected answer, obtained answer, bound, level)
ANSWERS = (
    ({"prediction": "a"}, {"prediction": "b"}, 1e-3, Level.DIFFERENT),
    ({"prediction": 1}, {"prediction": 2}, 1.0, Level.DIFFERENT),
    ({"prediction": 2.0}, {"prediction": 2.0 + 1e-5}, 1e-6, Level.DIFFERENT),
    ({"prediction": "a", "probabilities": {"a": 0.5}}, {"prediction": "a", "probabilities": {"a": 0.5 + 2e-6}}, 1e-6, Level.DIFFERENT),
    ({"prediction": "a", "probabilities": {"a": 1e-9}}, {"prediction": "a", "probabilities": {"a": 4e-8}}, 1e-9, Level.DIFFERENT),
    ({"prediction": "a", "probabilities": {"a": 1e-9}}, {"prediction": "a", "probabilities": {"a": 4e-8}}, 1e-6, Level.EQUAL),
    ({"prediction": 2.0}, {"prediction": 2.0 + 1e-7}, 1e-6, Level.EQUAL),
    ({"prediction": [0.5, 2.0]}, {"prediction": [0.5, 2.0]}, 1e-9, Level.IDENTICAL),
)


@pytest.mark.parametrize(("expected", "obtained", "bound", "level"), ANSWERS)
def test_answers_over_http(expected: object, obtained: object, bound: float, level: Level) -> None:
    assert _level(expected, obtained, bound) is level
