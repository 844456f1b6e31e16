"""A column that a row need not have leaves the author's lists, in the trial and in what is written alike."""

from __future__ import annotations

import pytest

from ferrata.observer.rowwise import rehearse
from ferrata.steps.deriving.module import without_listed

LISTS = (
    ('columns = ["a", "b", "c"]', 'columns = ["a", "c"]'),
    ('columns = ["a", "b"]', 'columns = ["a"]'),
    ('columns = ["b", "a"]', 'columns = ["a"]'),
    ('for name in ("a", "b"):\n    pass', 'for name in ("a", "b"):\n    pass'),
    ('for name in ("a", "b", "c"):\n    pass', 'for name in ("a", "c"):\n    pass'),
    ('columns = ["b"]', 'columns = ["b"]'),
    ('df["b"] = df["a"]', 'df["b"] = df["a"]'),
    ('é = ["à", "b", "ç"]', 'é = ["à", "ç"]'),
)


@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_the_name_leaves_lists_of_several(text: str, expected: str) -> None:
    assert without_listed(text, ("b",)) == expected
    assert rehearse.without_listed(text, ("b",)) == expected


def test_neighbours_leave_one_after_the_other() -> None:
    assert without_listed('x = ["a", "b", "c"]', ("b", "c")) == rehearse.without_listed('x = ["a", "b", "c"]', ("b", "c")) == 'x = ["a"]'


def test_lines_keep_their_numbers_in_the_trial() -> None:
    assert rehearse.without_listed('columns = [\n    "a",\n    "b",\n]\nx = 1', ("b",)).count("\n") == 4
