"""Instrumented code does what the plain code does: same values, same order, same exceptions."""

from __future__ import annotations

import ast
import contextlib
import io
import pickle
import traceback
from typing import Any

import pytest

from ferrata.observer.instrument import Instrument, Site
from ferrata.observer.probes import CallProbe, NumberProbe

PRELUDE = """
order = []
def note(x):
    order.append(x)
    return x
class Model:
    def fit(self, X, y=None, **options):
        order.append(("fit", X, y, sorted(options)))
        return self
    def predict(self, X):
        if X is None:
            raise ValueError("no rows")
        return [x * 2 for x in X]
    def score(self, *args, **kw):
        return 0.5
class Loud(Model):
    def fit(self, X, y=None):
        super().fit(X, y)
        return super(Loud, self).fit(X, y=y)
model = Model()
"""

UNCHANGED = {
    "order of arguments": "model.fit(note(1), note(2), a=note(3), **{note('b'): note(4)})",
    "starred": "args = [1]; model.fit(*note(args), *[2], **{'z': 1})",
    "callee before arguments": "(note('first') and model).fit(note('second'))",
    "chained": "p = model.fit([1]).predict([3])",
    "super": "Loud().fit(1, y=2)",
    "an exception keeps its type and text": "model.predict(None)",
    "a missing attribute": "model.predictt_score(1)",
    "not callable": "accuracy = 3\naccuracy(1)",
    "keywords named like the probe's": "def fit(site, function, self=1):\n    return site + function + self\nr = fit(site=1, function=2)",
    "wrong number of arguments": "model.predict()",
    "in a comprehension": "r = [model.predict([i]) for i in range(3)]",
    "in a generator": "def g():\n    x = model.predict([(yield 1)])\n    yield x\nit = g(); a = next(it); b = it.send(5)",
    "in a lambda": "r = (lambda m: m.score())(model)",
    "in a class body": "class C:\n    s = model.score()\n    def f(self):\n        return model.score(self.s)\nr = C().f()",
    "conditional": "r = model.score() if note(True) else model.predict(None)",
    "short circuit": "r = note(0) and model.predict(None)",
    "printed": "print('a', model.score(), f'{model.score():.3f} {1!r:>4}', '%s %d' % (model.score(), 3), '{:.1f} {x}'.format(1.25, x=2))",
    "printed concatenation": "print('acc ' + str(model.score()) + '%')",
    "printed starred": "xs = iter([1, 2]); print(*xs, sep='-')",
    "printed percent with a dict": "print('%(a)s' % {'a': 1})",
    "debug f-string": "score = 1\nprint(f'{score=}')",
    "shadowed print": "def print(*a): order.append(a)\nprint(1.5, model.score())",
    "assigned": "best = max(0.1, 0.2)\nworst = best - 1\nitem = [1, 2][0]",
    "identity is kept": "xs = note([1.0])\nys = xs.__iter__.__self__\nr = xs is ys",
    "loops": "total = 0\nfor i in range(5):\n    total = total + i\n    last = model.score()",
    "augmented": "total = 1\ntotal += model.score()",
    "walrus": "if (s := model.score()) > 0.1:\n    r = s",
    "decorated": "def load_all(f):\n    return f\n@load_all\ndef train(x):\n    return model.fit(x)\nr = train(1) is model",
    "locals are the author's": "def f():\n    a = model.score()\n    return sorted(locals())\nr = f()",
    "eval and exec": "r = eval('model.score()')\nexec('q = 1')",
    "deleted": "x = model.score()\ndel x",
    "try and finally": "try:\n    model.predict(None)\nexcept ValueError as e:\n    r = str(e)\nfinally:\n    note('end')",
    "with": "import contextlib\nwith contextlib.suppress(ValueError):\n    model.predict(None)",
    "global in a function": "def f():\n    global g\n    g = model.score()\nf()",
    "nested functions": (
        "def f():\n    best = 0\n    def h():\n        nonlocal best\n        best = max(best, model.score())\n    h()\n    return best\nr = f()"
    ),
    "annotated": "r: float = model.score()",
    "subscript of a call": "d = {}\nd[model.score()] = model.score()",
    "string methods named like it": "r = 'a-b'.split('-')\ns = 'x'.join(['1', '2'])",
    "attribute named like it": "r = model.score.__name__",
}


class _NoCalls:
    """Stands for everything behind the probes."""

    def __init__(self, sites: list[Site]) -> None:
        self.sites, self.numbers, self.calls = sites, [], []
        self.collected = self
        self.randomness = self

    def observe(self, site: Site, function: Any, arguments: Any, options: Any, result: Any, seconds: float) -> None:
        self.calls.append((site.kind, site.receiver, site.names))

    def add_number(self, site: Site, value: Any, role: str) -> None:
        self.numbers.append((role, site.name, value))


def run(source: str, instrumented: bool) -> tuple[Any, ...]:
    space: dict[str, Any] = {"__name__": "snippet"}
    exec(PRELUDE, space)
    sites: list[Site] = []
    tree = ast.parse(source)
    probes = _NoCalls(sites)
    if instrumented:
        space.update(__ferrata_call__=CallProbe(probes), __ferrata_number__=NumberProbe(probes))
        tree = ast.fix_missing_locations(Instrument(source, sites).visit(tree))
    printed, failed = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(tree, "snippet", "exec"), space)
        except Exception as error:
            frames = [(f.lineno, f.name) for f in traceback.extract_tb(error.__traceback__) if f.filename == "snippet"]
            failed = (type(error), str(error), frames)
    plain = {
        k: v for k, v in space.items() if isinstance(v, (int, float, str, list, dict, bool)) and not k.startswith("__")
    }
    return plain, printed.getvalue(), failed, space["order"]


@pytest.mark.parametrize("source", UNCHANGED.values(), ids=UNCHANGED)
def test_nothing_changes(source: str) -> None:
    assert run(source, True) == run(source, False)


def seen(source: str) -> _NoCalls:
    space: dict[str, Any] = {}
    exec(PRELUDE, space)
    sites: list[Site] = []
    probes = _NoCalls(sites)
    space.update(__ferrata_call__=CallProbe(probes), __ferrata_number__=NumberProbe(probes))
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(ast.fix_missing_locations(Instrument(source, sites).visit(ast.parse(source))), "s", "exec"), space)
    return probes


NUMBERS = {
    "print": ("print('x', model.score())", [("printed", "", 0.5)]),
    "f-string": ("acc = 0.25\nprint(f'{acc:.1f}')", [("printed", "acc", 0.25)]),
    "percent": ("print('%.1f' % 0.5 if False else '%.2f' % model.score())", []),
    "percent tuple": ("a, b = 1, 2\nprint('%d %d' % (a, b))", [("printed", "a", 1), ("printed", "b", 2)]),
    "format": ("a = 7\nprint('{}'.format(a))", [("printed", "a", 7)]),
    "concatenated": ("a = 7\nprint('v ' + str(a))", [("printed", "a", 7)]),
    "computed assignment": ("a = max(1, 2)", [("assigned", "a", 2)]),
    "literals are not noted": ("a = 3\nb = -1.5\nc = True\nprint('text', 4)", []),
    "lists of numbers": ("print([1, 2])", [("printed", "", [1, 2])]),
    "not numbers": ("print('a', None, True, ['a'], {})", []),
    "in order": ("for i in range(2):\n    print(i)", [("printed", "i", 0), ("printed", "i", 1)]),
}


@pytest.mark.parametrize(("source", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(source: str, expected: list[Any]) -> None:
    assert seen(source).numbers == expected


def test_what_a_call_was_written_like() -> None:
    probes = seen("X = [1]\nmodels = {'a': model}\nmodels['a'].fit(X, y=X)\nmodel.predict(X)")
    assert probes.calls == [("fit", "models['a']", {"0": "X", "y": "X"}), ("predict", "model", {"0": "X"})]


def test_probes_inside_pickled_functions_become_plain_calls() -> None:
    call, number = pickle.loads(pickle.dumps((CallProbe(_NoCalls([])), NumberProbe(_NoCalls([])))))
    assert (call(0, max, 1, 2), number(0, "x")) == (2, "x")


def test_functions_that_are_compiled_by_others_stay_as_they_are() -> None:
    source = "@njit\ndef f(x):\n    y = g.score(x)\n    return y"
    sites: list[Site] = []
    assert ast.dump(Instrument(source, sites).visit(ast.parse(source))) == ast.dump(ast.parse(source))
    assert not sites
