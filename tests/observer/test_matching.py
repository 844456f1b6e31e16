"""Which file each row was that a model was asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import pytest

from ferrata.observer.rowwise.asked import digests
from ferrata.observer.rowwise.image_files import Matching


@dataclass(frozen=True)
class State:
    model: Any


def answers(paths: list[str], state: State) -> Any:
    """What is made of a file is its number."""
    return state.model.predict(numpy.array([[float(Path(path).stem), 1.0] for path in paths]))


PATHS = [f"pets/{kind}/{number:04}.png" for kind in range(4) for number in range(kind * 1000, kind * 1000 + 500)]  # 2,000 files in four folders
LAST = numpy.array([[float(number), 1.0] for number in range(3000, 3500)])  # those of the last folder
MADE_UP = LAST + 0.5

# (rows that were asked about, whether they were kept, how many of them are found, whether all files were looked at)
ASKED = (
    (LAST, True, 500, True),
    (LAST + 1e-9, True, 500, True),  # told by their closeness alone
    (MADE_UP[:20], True, 0, True),  # so few could be among the files that were not looked at yet
    (MADE_UP, True, 0, False),
    (MADE_UP, False, 0, False),
)


@pytest.mark.parametrize(("rows", "is_kept", "found", "is_whole"), ASKED)
def test_files_are_looked_for_until_that_is_hopeless(rows: Any, is_kept: bool, found: int, is_whole: bool) -> None:
    matching = Matching(answers, State(None), "model", "/", digests(rows), rows if is_kept else None)
    files = matching.files(PATHS)
    assert sum(file is not None for file in files) == found
    assert (matching.tried == len(PATHS)) == is_whole and (is_whole or matching.tried < len(PATHS) / 4)
