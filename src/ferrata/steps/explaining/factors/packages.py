"""Packages: versions that are installed, asked for by `pyproject.toml` or brought along. A trial has an environment with the other version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.environments import direct_names
from ferrata.steps.explaining.setup import CannotSwap, Setup

WORDS = ("package",)
ABSENT = "not there"
_NOT_THE_CODE_S = frozenset({"pip", "setuptools", "wheel", "uv"})


def find(here: Side, there: Side) -> Iterator[Difference]:
    """Only where both sides say what they had."""
    if not here.packages or not there.packages:
        return
    direct = direct_names(here.tree) if here.tree else frozenset()
    names = [name for name in dict.fromkeys([*here.packages, *there.packages]) if here.packages.get(name) != there.packages.get(name)]
    for name in sorted(set(names) - _NOT_THE_CODE_S, key=lambda name: (name not in direct, name)):
        kind = "" if name in direct else " (brought along)"
        yield Difference("package", f"{name}{kind}", here.packages.get(name, ABSENT), there.packages.get(name, ABSENT), payload=name, place="uv.lock")


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    if not setup.packages:
        raise CannotSwap("the project has no environment of its own")
    """A version between the two sides' stands beside the name."""
    for each in chosen:
        name, version = each.payload if isinstance(each.payload, tuple) else (each.payload, setup.there.packages.get(each.payload))
        setup.packages.pop(name, None)
        if version:
            setup.packages[name] = version


def todo(difference: Difference, there: Side) -> str:
    name = difference.payload
    if name not in there.packages:
        return f"uv remove {name}"
    wanted = f"{name}=={there.packages[name]}"
    return f"uv lock --upgrade-package {wanted} && uv sync" if "(" in difference.name else f"uv add '{wanted}'"


def todo_of_all(differences: Sequence[Difference], there: Side) -> str:
    """One command for several."""
    if len(differences) == 1:
        return todo(differences[0], there)
    wanted = [f"'{each.payload}=={there.packages[each.payload]}'" for each in differences if each.payload in there.packages]
    return f"uv add {' '.join(wanted)}"
