"""The seam of factors: what can differ in the way of running, one file each, in the order in which they are tried.

A factor has `WORDS` (the stable words of its differences), `find(here, there)`, which sees them, `swap(setup, chosen)`, which puts some of them into a trial
(CannotSwap where that is not possible), and `todo(difference, there)`, the one next action when it is a cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.factors import (
    clock,
    code,
    data,
    listing,
    machine,
    packages,
    parameters,
    pipeline,
    python,
    threads,
    variables,
)
from ferrata.steps.explaining.setup import Setup


class Factor(Protocol):
    @property
    def WORDS(self) -> tuple[str, ...]: ...

    def find(self, here: Side, there: Side) -> Iterator[Difference]: ...

    def swap(self, setup: Setup, chosen: Sequence[Difference]) -> None: ...

    def todo(self, difference: Difference, there: Side) -> str: ...


FACTORS: tuple[Factor, ...] = (code, pipeline, parameters, data, packages, python, variables, threads, listing, clock, machine)


def find_differences(here: Side, there: Side) -> list[Difference]:
    return [difference for factor in FACTORS for difference in factor.find(here, there)]


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    for factor in FACTORS:
        if own := [each for each in chosen if each.factor in factor.WORDS]:
            factor.swap(setup, own)


def todo_of(difference: Difference, there: Side) -> str:
    factor = next(factor for factor in FACTORS if difference.factor in factor.WORDS)
    return factor.todo(difference, there)
