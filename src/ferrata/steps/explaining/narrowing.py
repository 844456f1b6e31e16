"""Delta debugging: the smallest part of something that still does what the whole does.

Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE Transactions on Software Engineering 28(2), 2002: the algorithm ddmin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def smallest(items: Sequence[Item], does: Callable[[Sequence[Item]], bool]) -> list[Item]:
    """A part of `items` of which no smaller part, by leaving out one, does what all of them do. `does` holds for all of them; a trial that cannot be
    decided is False."""
    found, pieces = list(items), 2
    while len(found) >= 2:
        chunks = _chunks(found, pieces)
        reduced = next((chunk for chunk in chunks if does(chunk)), None)
        if reduced is not None:
            found, pieces = reduced, 2
            continue
        complements = [[item for item in found if item not in chunk] for chunk in chunks] if len(chunks) > 2 else []
        reduced = next((rest for rest in complements if does(rest)), None)
        if reduced is not None:
            found, pieces = reduced, max(pieces - 1, 2)
        elif pieces >= len(found):
            break
        else:
            pieces = min(len(found), pieces * 2)
    return found


def _chunks(items: list[Item], pieces: int) -> list[list[Item]]:
    bounds = [len(items) * number // pieces for number in range(pieces + 1)]
    return [items[first:last] for first, last in zip(bounds, bounds[1:], strict=False) if first < last]
