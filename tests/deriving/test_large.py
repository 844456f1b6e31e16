"""What is too large to stand beside the model is not tried, and that is what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ferrata.observer.rowwise.tags import size_of
from ferrata.steps.deriving.rewriting import why_not_recorded

SIZES = {
    "a table": (pd.DataFrame({"a": np.zeros(1000), "b": np.zeros(1000)}, index=pd.RangeIndex(1000)), 16_000),
    "a column": (pd.Series(np.zeros(1000), index=pd.RangeIndex(1000)), 8_000),
    "an array": (np.zeros((1000, 2)), 16_000),
    "a number": (3.5, 0),
    "a list": ([1.5] * 1000, 0),
}


@pytest.mark.parametrize("kind", SIZES)
def test_the_size_of(kind: str) -> None:
    value, size = SIZES[kind]
    assert size <= size_of(value) <= size + 200


def test_it_says_which_of_the_two_it_is() -> None:
    frame = {"type": "pandas.DataFrame", "format": ""}
    assert why_not_recorded({**frame, "megabytes": 24}, "df") == "`df` (pandas.DataFrame) has 24 MB, too much to be recorded beside the model"
    assert why_not_recorded(frame) == "pandas.DataFrame cannot be written to a file and read back unchanged"
