"""Fingerprints: same content, same digest, in any process; other content, other digest; nothing is touched."""

from __future__ import annotations

import collections
import datetime
import decimal
import functools
import itertools
import subprocess
import sys
from typing import Any

import pytest

from ferrata.observer.fingerprint import Fingerprints


def digest(value: Any) -> str:
    return Fingerprints().of(value).digest


def exact(value: Any) -> bool:
    return Fingerprints().of(value).exact


class Point:
    def __init__(self, x: Any) -> None:
        self.x = x


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: Any) -> None:
        self.a = a


def cycle(*, extra: int = 0) -> list[Any]:
    found: list[Any] = [1, extra]
    found.append({"me": found})
    return found


SAME = {
    "sets have no order": ({"a", "b", "c"}, {"c", "b", "a"}),
    "instances": (Point([1]), Point([1])),
    "slots": (Slotted({1: 2}), Slotted({1: 2})),
    "cycles": (cycle(), cycle()),
    "shared or equal parts": ((lambda part: [part, part])([1]), [[1], [1]]),
    "strings made at run time": ("".join(["a", "b"]), "ab"),
    "not a number": ([float("nan")], [float("nan")]),
}

OTHER = {
    "int and float": (1, 1.0),
    "bool and int": (True, 1),
    "text and bytes": ("a", b"a"),
    "list and tuple": ([1], (1,)),
    "order of a list": ([1, 2], [2, 1]),
    "order of a dict": ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    "nesting": ([[1], 2], [[1, 2]]),
    "a long text": ("a" * 1000 + "b", "a" * 1000 + "c"),
    "attribute": (Point(1), Point(2)),
    "deep attribute": (Point({"a": [Point(1)]}), Point({"a": [Point(2)]})),
    "slot": (Slotted(1), Slotted(2)),
    "in a cycle": (cycle(), cycle(extra=1)),
    "decimal": (decimal.Decimal("1.0"), decimal.Decimal("1.00")),
    "date": (datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)),
    "deque": (collections.deque([1]), collections.deque([2])),
    "partial": (functools.partial(max, 1), functools.partial(max, 2)),
    "bytearray": (bytearray(b"a"), bytearray(b"b")),
    "counter": (collections.Counter("a"), collections.Counter("ab")),
}


@pytest.mark.parametrize(("left", "right"), SAME.values(), ids=SAME)
def test_same(left: Any, right: Any) -> None:
    assert digest(left) == digest(right)


@pytest.mark.parametrize(("left", "right"), OTHER.values(), ids=OTHER)
def test_other(left: Any, right: Any) -> None:
    assert digest(left) != digest(right)


def test_a_part_has_the_same_digest_whether_it_was_met_before_or_not() -> None:
    part = {"a": [1, 2, {3}]}
    prints = Fingerprints()
    prints.of(part)
    assert prints.of([part, 1]).digest == digest([{"a": [1, 2, {3}]}, 1])


def test_iterators_are_not_consumed() -> None:
    iterator, generator = iter([1, 2]), (i for i in [1, 2])
    assert not exact(iterator) and not exact(generator) and not exact(itertools.count())
    assert (list(iterator), list(generator)) == ([1, 2], [1, 2])


def test_what_is_too_large_is_sampled_and_said() -> None:
    large = [[i] for i in range(300_000)]
    assert not exact(large)
    assert digest(large) == digest([[i] for i in range(300_000)])
    assert digest(large) != digest(large[:-1])


def test_never_raises() -> None:
    class Hostile:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError("no")

    class Bad:
        def __reduce_ex__(self, version: int) -> Any:
            raise RuntimeError("no")

        __slots__ = ()

    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    assert not exact(Hostile()) and not exact(Bad()) and not exact(nested)


def test_touches_tell_what_is_shared() -> None:
    part: list[int] = []
    prints = Fingerprints()
    assert prints.of([part, 1]).touches & prints.of({"x": part}).touches == {id(part)}
    assert not prints.of((1, "a")).touches


PROCESS = """
import sys; sys.path.insert(0, {folder!r})
from ferrata.observer.fingerprint import Fingerprints
class P: pass
p = P(); p.x = {{"a", "b", ("c", 1)}}; p.f = lambda x: x + 1
print([Fingerprints().of(v).digest for v in ({{"k", "l", "m"}}, frozenset("abc"), p, {{1: "a"}}, [1.5, None, "x" * 100], len, P)])
"""


def test_stable_across_processes() -> None:
    from pathlib import Path

    import ferrata

    code = PROCESS.format(folder=str(Path(ferrata.__file__).parents[1]))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
