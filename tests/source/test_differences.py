"""Two versions of a text: what is no difference first, then statements; any choice of them can be applied."""

from __future__ import annotations

import itertools

import pytest

from ferrata.source.differences import differences, renamed, with_hunks, with_names

SAME = {
    "layout": ("x = f(1, 2)\n", "x = f(\n    1,\n    2,\n)\n"),
    "comments": ("x = 1\n", "# why\nx = 1  # one\n"),
    "docstrings": ('def f():\n    """Old."""\n    return 1\n', "def f():\n    return 1\n"),
    "quotes": ("x = 'a'\n", 'x = "a"\n'),
    "the end of the file": ("x = 1", "x = 1\n\n\n"),
}
OTHER = {
    "a value": ("x = 1\ny = 2\n", "x = 1\ny = 3\n", [("y = 2", "y = 3")]),
    "a statement in a function": ("def f(x):\n    y = 1\n    return x\n", "def f(x):\n    y = 1\n    return -x\n", [("return x", "return -x")]),
    "a default": ("def f(x=1):\n    return x\n", "def f(x=2):\n    return x\n", [("def f(x=1):\n    return x", "def f(x=2):\n    return x")]),
    "one more": ("a = 1\nb = 2\n", "a = 1\nc = 3\nb = 2\n", [("", "c = 3")]),
    "one less": ("a = 1\nc = 3\nb = 2\n", "a = 1\nb = 2\n", [("c = 3", "")]),
    "the only one of a body": ("if x:\n    y = 1\n", "if x:\n    z = 1\n", [("y = 1", "z = 1")]),
    "other indents": ("for x in y:\n  a = 1\n  b = 1\n", "for x in y:\n        a = 1\n        b = 2\n", [("b = 1", "b = 2")]),
    "two of one line": ("a = 1; b = 2\n", "a = 1; b = 3\n", [("a = 1\nb = 2", "a = 1\nb = 3")]),
    "one of a line that became two": ("a = 1; b = 2\n", "a = 1\nb = 3\n", [("a = 1\nb = 2", "a = 1\nb = 3")]),
    "a body on the line of its head": ("if x: y = 1\n", "if x: y = 2\n", [("if x:\n    y = 1", "if x:\n    y = 2")]),
    "a body on the last line of its head": ("def f(x,\n      y): return 1\n", "def f(x,\n      y): return 2\n",
                                            [("def f(x, y):\n    return 1", "def f(x, y):\n    return 2")]),
    "two apart": ("a = 1\nb = 1\nc = 1\n", "a = 2\nb = 1\nc = 2\n", [("a = 1", "a = 2"), ("c = 1", "c = 2")]),
}


@pytest.mark.parametrize(("here", "there"), SAME.values(), ids=SAME)
def test_what_is_no_difference(here: str, there: str) -> None:
    assert differences(here, there) == [] and differences(there, here) == []


@pytest.mark.parametrize(("here", "there", "expected"), OTHER.values(), ids=OTHER)
def test_statements_that_differ(here: str, there: str, expected: list[tuple[str, str]]) -> None:
    hunks = differences(here, there)
    assert [(hunk.here, hunk.there) for hunk in hunks] == expected
    assert differences(with_hunks(here, hunks), there) == []
    for some in itertools.chain.from_iterable(itertools.combinations(hunks, count) for count in range(len(hunks))):
        assert len(differences(with_hunks(here, some), there)) == len(hunks) - len(some)


def test_a_function_that_was_only_renamed() -> None:
    here, there = "def clean(x):\n    return clean(x - 1)\n", "def tidy(x): return tidy(x - 1)\n"
    names = renamed([here], [there])
    assert names == {"tidy": "clean"}
    assert differences(here, with_names(there, names)) == []
    assert with_names('x = tidy("tidy")  # tidy\n', names) == 'x = clean("tidy")  # tidy\n'
    assert renamed([here], ["def tidy(x): return x\n"]) == {}
