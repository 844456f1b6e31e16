"""Listings: in which order the file system gives the names in a folder. A trial gives them in the other side's order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.setup import Setup

WORDS = ("listing",)


def find(here: Side, there: Side) -> Iterator[Difference]:
    for folder in sorted(here.listings.keys() & there.listings.keys()):
        ours, theirs = here.listings[folder], there.listings[folder]
        if ours != theirs and sorted(ours) == sorted(theirs):
            yield Difference("listing", f"order of the names in {folder}", _said(ours), _said(theirs), payload=(folder, tuple(theirs)), place=folder)


def _said(order: Sequence[int]) -> str:
    return "by name" if list(order) == sorted(order) else f"as the file system has them ({', '.join(map(str, order[:6]))}{' …' if len(order) > 6 else ''})"


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    setup.shims["listings"] = {**setup.shims.get("listings", {}), **{each.payload[0]: each.payload[1] for each in chosen}}


def todo(difference: Difference, there: Side) -> str:
    return f"Sort what is listed in {difference.place}: for name in sorted(os.listdir(…))"
