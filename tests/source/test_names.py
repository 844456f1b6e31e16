from collections.abc import Set

import pytest

from ferrata.source.names import Names, possible_mutations, statement_names

CASES: dict[str, tuple[str, dict[str, Set[str] | bool | tuple[str, ...]]]] = {
    "constant": ("X = [1, {'a': -1}]", {"binds": {"X"}, "is_definition": True}),
    "call": ("x = y + f(z)", {"reads": {"y", "f", "z"}, "binds": {"x"}, "may_mutate": {"z"}}),
    "loop target is bound first": ("for i in a:\n    t = i\nt", {"reads": {"a", "t"}, "binds": {"i", "t"}}),
    "bound in one branch only": ("if c:\n    x = 1\nx", {"reads": {"c", "x"}, "binds": {"x"}}),
    "bound in both branches": ("if c:\n    x = 1\nelse:\n    x = 2\nx", {"reads": {"c"}, "binds": {"x"}}),
    "except name is local to it": ("try:\n    a = 1\nexcept E as e:\n    a = e\na", {"reads": {"E"}, "binds": {"a"}}),
    "comprehension": ("r = [i * k for i in xs if (y := i)]", {"reads": {"xs", "k"}, "binds": {"r", "y"}}),
    "function": (
        "def f(a, b=c):\n    global g\n    g = h\n    m[0] = a\n    return b",
        {"reads": {"c"}, "binds": {"f"}, "deferred_reads": {"h", "m"}, "deferred_binds": {"g"}, "deferred_mutates": {"m"}, "is_definition": True},
    ),
    "local of an outer function": ("def f():\n    x = 1\n    def g():\n        return x, y\n    return g", {"binds": {"f"}, "deferred_reads": {"y"},
        "is_definition": True}),
    "lambda": ("f = lambda r: r * s", {"binds": {"f"}, "deferred_reads": {"s"}}),
    "class": ("class A(B):\n    x = 1\n    y = x + q\n    def m(self): return G", {"reads": {"B", "q"}, "binds": {"A"}, "deferred_reads": {"G"},
        "is_definition": True}),
    "item stored": ("df['a'] = b", {"reads": {"df", "b"}, "mutates": {"df"}}),
    "attribute stored deep": ("a.b[0].c = 1", {"reads": {"a"}, "mutates": {"a"}}),
    "augmented": ("x += y", {"reads": {"x", "y"}, "binds": {"x"}, "mutates": {"x"}}),
    "inplace": ("df.drop('a', inplace=True)", {"reads": {"df"}, "mutates": {"df"}}),
    "not inplace": ("df.drop('a', inplace=False)", {"reads": {"df"}, "may_mutate": {"df"}}),
    "list method": ("xs.append(y)", {"reads": {"xs", "y"}, "mutates": {"xs"}, "may_mutate": {"y"}}),
    "query": ("df.query('a > @limit and b < @f(2)')", {"reads": {"df", "limit", "f"}, "may_mutate": {"df"}}),
    "delete": ("del a, b[0]", {"reads": {"a", "b"}, "deletes": {"a"}, "mutates": {"b"}}),
    "imports": ("import os.path, numpy as np\nfrom a import b as c", {"binds": {"os", "np", "c"}, "is_definition": True}),
    "star": ("from m import *", {"stars": ("m",), "is_definition": True}),
    "dynamic": ("globals()['a'] = 1", {"reads": {"globals"}, "is_dynamic": True}),
    "annotation alone binds nothing": ("x: int", {"reads": {"int"}}),
    "match": ("match c:\n    case [a, *b]:\n        a", {"reads": {"c"}, "binds": {"a", "b"}}),
    "f-string": ("f'{a!r:>{w}}'", {"reads": {"a", "w"}}),
    "await": ("await f(x)", {"reads": {"f", "x"}, "may_mutate": {"x"}}),
    "nothing": ("pass", {}),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES.keys())
def test_names(source: str, expected: dict[str, Set[str] | bool | tuple[str, ...]]) -> None:
    wanted = {key: frozenset(value) if isinstance(value, set) else value for key, value in expected.items()}
    assert statement_names(source) == Names(**wanted)  # type: ignore[arg-type]


def test_possible_mutations_are_everything_that_can_change() -> None:
    assert possible_mutations("a.b = f(c); d.sort(); e.head()") == {"a", "c", "d", "e"}
