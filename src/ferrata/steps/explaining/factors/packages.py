"""Packages: versions that are installed, asked for by `pyproject.toml` or brought along. A trial has an environment with the other version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.environments import direct_names
from ferrata.steps.explaining.setup import CannotSwap, Setup

WORDS = ("package",)
_NOT_THE_CODE_S = frozenset({"pip", "setuptools", "wheel", "uv"})


def find(here: Side, there: Side) -> Iterator[Difference]:
    """Only where both sides say what they had."""
    if not here.packages or not there.packages:
        return
    direct = direct_names(here.tree) if here.tree else frozenset()
    names = [name for name in dict.fromkeys([*here.packages, *there.packages]) if here.packages.get(name) != there.packages.get(name)]
    for name in sorted(set(names) - _NOT_THE_CODE_S, key=lambda name: (name not in direct, name)):
        kind = "" if name in direct else " (brought along)"
        yield Difference("package", f"{name}{kind}", here.packages.get(name, "not there"), there.packages.get(name, "not there"), payload=name, place="uv.lock")


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    if not setup.packages:
        raise CannotSwap("the project has no environment of its own")
    for each in chosen:
        name = each.payload
        setup.packages.pop(name, None)
        if name in setup.there.packages:
            setup.packages[name] = setup.there.packages[name]


def todo(difference: Difference, there: Side) -> str:
    name = difference.payload
    if name not in there.packages:
        return f"uv remove {name}"
    wanted = f"{name}=={there.packages[name]}"
    return f"uv lock --upgrade-package {wanted} && uv sync" if "(" in difference.name else f"uv add '{wanted}'"
