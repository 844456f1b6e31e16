"""What is said of a statement that was left out because it cannot run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests import by_hand

from ferrata.flow.adopt import _left_out
from ferrata.records.observation import Failure

STARS = "\n" + "*" * 70 + "\n  Resource stopwords not found.\n  Please use the NLTK Downloader to obtain the resource:\n"
MESSAGES = {
    "one line": ("no such column", "KeyError: no such column"),
    "several lines": ("found 3 rows\nexpected 4", "KeyError: found 3 rows"),
    "stars first": (STARS, "KeyError: Resource stopwords not found."),
    "nothing said": ("***", "KeyError: ***"),
}


@pytest.mark.parametrize(("message", "said"), MESSAGES.values(), ids=MESSAGES)
def test_the_first_line_that_says_something(message: str, said: str) -> None:
    failure = Failure(1, 2, 1, "KeyError", message)
    ran = SimpleNamespace(code=by_hand.code("x = 1", "y = f(x)\nz = y"), left_out={1: failure, 2: failure})
    first, second = _left_out(cast(Any, ran))
    assert (first.cell, first.line, first.why) == (2, 1, said)
    assert second.why == "needs what cell 2 fails to give"
