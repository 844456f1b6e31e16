"""Python itself. A trial has an environment with the other version, where one is installed here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.setup import Setup

WORDS = ("python",)


def find(here: Side, there: Side) -> Iterator[Difference]:
    if here.python and there.python and here.python != there.python:
        yield Difference("python", "Python", here.python, there.python, payload=there.python, place=".python-version")


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    setup.python = chosen[0].payload


def todo(difference: Difference, there: Side) -> str:
    return f"uv python pin {'.'.join(there.python.split('.')[:2])} && uv sync"
