"""What falls with a statement that is taken out."""

from __future__ import annotations

import pytest

from ferrata.source.dependents import dependents

# Statements, those taken out, and those that fall with them.
CASES: dict[str, tuple[list[str], set[int], set[int]]] = {
    "nothing reads it": (["a = 1", "b = 2", "print(b)"], {0}, set()),
    "bound again by itself": (["a = 1", "a = 2", "print(a)"], {0}, set()),
    "a method that may change it": (["fig = f()", "fig.show()", "print(fig)"], {1}, set()),
    "read": (["a = 1", "print(a)"], {0}, {1}),
    "read through another name": (["a = 1", "b = a + 1", "print(b)"], {0}, {1, 2}),
    "bound again from itself": (["a = 1", "a = a + 1", "print(a)"], {0}, {1, 2}),
    "changed by what is taken out": (["df = f()", "df['x'] = df['x'].astype(int)", "model.fit(df)"], {1}, {2}),
    "fitted by what is taken out": (["m = f()", "m.fit(X)", "print(m.score(X))"], {1}, {2}),
    "changed by what falls": (["a = 1", "df['x'] = a", "print(df)"], {0}, {1, 2}),
    "read by a function that is called": (["a = 1", "def f():\n    return a", "print(f())"], {0}, {1, 2}),
    "an import": (["import lib", "lib.run()", "import os", "os.getcwd()"], {0}, {1}),
    "text that is no Python stands": (["a = 1", "a b c", "print(a)"], {0}, {2}),
}


@pytest.mark.parametrize("name", CASES)
def test_dependents(name: str) -> None:
    sources, removed, expected = CASES[name]
    assert dependents(dict(enumerate(sources)), removed) == expected
