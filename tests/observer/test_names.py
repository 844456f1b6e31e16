"""Which names a statement reads and stores, from its text."""

from __future__ import annotations

import ast

import pytest

from ferrata.observer.names import Usage

NOT_READ = {
    "a name that the statement binds first": ("for i in xs:\n    print(i)", {"xs", "print"}),
    "a name bound by with": ("with open(p) as f:\n    f.read()", {"open", "p"}),
    "the body of a definition": ("def f(x):\n    return x + scale", set()),
    "the methods of a class": ("class A(Base):\n    def f(self):\n        return other", {"Base"}),
    "parameters of a lambda": ("f = lambda x, y=1: x + y + k", {"k"}),
    "the target of a comprehension": ("[x for x in xs if x > low]", {"xs", "low"}),
    "an import": ("import numpy as np", set()),
    "local names of a nested function": ("if True:\n    def f():\n        t = 1\n        return t + g", {"g"}),
    "a walrus, after it": ("print((n := len(xs)), n)", {"print", "len", "xs"}),
}

READ = {
    "augmented assignment reads its target": ("total += 1", {"total"}),
    "a branch may not have bound it": ("if c:\n    x = 1\nelse:\n    pass\n", {"c"}),
    "bound in one branch only, then used": (
        "for i in xs:\n    if i:\n        x = i\n    print(x)",
        {"xs", "print", "x"},
    ),
    "attribute and item stores": ("df['a'] = obj.b", {"df", "obj"}),
    "decorators and defaults": ("@cache\ndef f(x=start):\n    return inner", {"cache", "start", "inner"}),
    "class body": ("class A:\n    size = width\n    double = size * 2", {"width"}),
    "an f-string": ("print(f'{acc:.{digits}f}')", {"print", "acc", "digits"}),
    "del of an item": ("del d[k]", {"d", "k"}),
    "a name in its own right-hand side": ("df = df.dropna()", {"df"}),
}


@pytest.mark.parametrize(("source", "expected"), [*NOT_READ.values(), *READ.values()], ids=[*NOT_READ, *READ])
def test_reads(source: str, expected: set[str]) -> None:
    assert Usage(ast.parse(source)).reads == expected


STORES = {
    "plain": ("a, (b, *c) = x", {"a", "b", "c"}, set()),
    "both branches": ("if c:\n    x = 1\nelse:\n    x = 2", {"x"}, set()),
    "one branch": ("if c:\n    x = 1", set(), {"x"}),
    "a loop may not run": ("for i in xs:\n    y = i", set(), {"i", "y"}),
    "with runs": ("with a as b:\n    c = 1", {"b", "c"}, set()),
    "try": ("try:\n    x = 1\nexcept ValueError as e:\n    x = 2", {"x"}, {"e"}),
    "finally": ("try:\n    f()\nfinally:\n    x = 1", {"x"}, set()),
    "definition": ("def f():\n    y = 1", {"f"}, set()),
    "import": ("import os.path, numpy as np\n", {"os", "np"}, set()),
    "nothing": ("x.y = 1", set(), set()),
}


@pytest.mark.parametrize(("source", "surely", "maybe"), STORES.values(), ids=STORES)
def test_stores(source: str, surely: set[str], maybe: set[str]) -> None:
    usage = Usage(ast.parse(source))
    assert usage.stores == surely
    assert usage.may_store - surely == maybe


@pytest.mark.parametrize("source", ["df.shape", "x = a.b", "y = a + b[0]", "import numpy", "a, b = b, a"])
def test_cannot_mutate(source: str) -> None:
    assert not Usage(ast.parse(source)).may_mutate


@pytest.mark.parametrize("source", ["a.b = 1", "a[0] = 1", "a += b", "a.append(1)", "del a[0]", "for i in a: pass"])
def test_can_mutate(source: str) -> None:
    assert Usage(ast.parse(source)).may_mutate
