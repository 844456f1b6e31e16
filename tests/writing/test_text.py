"""A statement with the plan's changes, and what its text says about where it can stand."""

from __future__ import annotations

import ast

import pytest

from ferrata.records.plan import Change
from ferrata.steps.writing.text import block, changed, free_name, loaded_in, names_in, needs_module_scope, uses_await

SOURCE = "a = f(b)"
EDITS: dict[str, tuple[list[tuple[int, int, str]], dict[str, str], str]] = {
    "nothing": ([], {}, "a = f(b)"),
    "one replaced": ([(6, 7, "c")], {}, "a = f(c)"),
    "an insertion on each side": ([(4, 4, "g("), (8, 8, ")")], {}, "a = g(f(b))"),
    "nested insertions, outer first": ([(4, 4, "h("), (8, 8, ")"), (6, 6, "g("), (7, 7, ")")], {}, "a = h(f(g(b)))"),
    "an insertion before what is replaced": ([(6, 7, "c"), (6, 6, "g("), (7, 7, ")")], {}, "a = f(g(c))"),
    "an insertion after what is replaced": ([(6, 7, "c"), (7, 7, ".d")], {}, "a = f(c.d)"),
    "a parameter inside a score": ([(4, 4, 'record("s", '), (8, 8, ")"), (6, 7, 'params["a"]["b"]')], {}, 'a = record("s", f(params["a"]["b"]))'),
    "under another name": ([(4, 4, 'record("s", '), (8, 8, ")")], {"record": "keep_score"}, 'a = keep_score("s", f(b))'),
    "another name for parameters": ([(6, 7, 'params["a"]["b"]')], {"params": "settings"}, 'a = f(settings["a"]["b"])'),
    "only what we wrote is renamed": ([(6, 7, "x.record(1)")], {"record": "keep_score"}, "a = f(x.record(1))"),
    "the author's own is not renamed": ([(4, 4, "load("), (8, 8, ")")], {"f": "g"}, "a = load(f(b))"),
}


@pytest.mark.parametrize("name", EDITS)
def test_changed(name: str) -> None:
    changes, renames, expected = EDITS[name]
    assert changed(SOURCE, [Change(0, *change) for change in changes], renames) == expected


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        changed(SOURCE, [Change(0, 4, 7, "x"), Change(0, 6, 8, "y")], {})


BLOCKS = {
    "a line": ("a = 1", "    a = 1"),
    "a loop": ("for a in b:\n  c(a)\n\n  d(a)", "    for a in b:\n      c(a)\n\n      d(a)"),
    "a text over lines keeps its content": ('a = """x\n y\n"""', '    a = """x\n y\n"""'),
    "brackets over lines": ("a = f(\nb,\n  c)", "    a = f(\n    b,\n      c)"),
    "a comment inside": ("if a:\n    # why\n    b()", "    if a:\n        # why\n        b()"),
    "a line continued": ("a = 1 + \\\n    2", "    a = 1 + \\\n        2"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_block(name: str) -> None:
    source, expected = BLOCKS[name]
    assert block(source, "    ") == expected
    assert ast.dump(ast.parse("def f():\n" + expected).body[0].body[0]) == ast.dump(ast.parse(source).body[0])  # type: ignore[attr-defined]


MODULE_SCOPE = {
    "plain": ("a = 1", False), "vars of an object": ("vars(a)", False),
    "a method called eval": ("model.eval()", False), "a frame's eval": ("df.eval('a')", False),
    "global": ("def f():\n    global a\n    a = 1", True), "globals": ("globals()['a'] = 1", True), "locals": ("x = locals()", True),
    "exec": ("exec('a = 1')", True), "eval": ("eval('a')", True), "vars": ("vars()['a']", True),
    "format with locals": ("print('{a}'.format(**locals()))", True),
}


@pytest.mark.parametrize("name", MODULE_SCOPE)
def test_needs_module_scope(name: str) -> None:
    source, expected = MODULE_SCOPE[name]
    assert needs_module_scope(["b = 2", source]) is expected


AWAITS = {
    "none": ("a = f()", False), "in a coroutine of its own": ("async def f():\n    await g()", False), "in a lambda's default": ("x = lambda a: a", False),
    "await": ("a = await f()", True), "in a loop": ("for a in b:\n    await a", True), "async for": ("async for a in b:\n    pass", True),
    "async with": ("async with a:\n    pass", True), "in a list": ("x = [await a for a in b]", True), "async comprehension": ("x = [a async for a in b]", True),
}


@pytest.mark.parametrize("name", AWAITS)
def test_uses_await(name: str) -> None:
    source, expected = AWAITS[name]
    assert uses_await([source]) is expected


def test_names() -> None:
    assert names_in(["import os.path as p, re", "def f(a): b = c", "class D: pass"]) == {"p", "re", "f", "a", "b", "c", "D"}
    assert loaded_in('df.query("age > @limit")') == {"df", "limit"}


@pytest.mark.parametrize(("taken", "expected"), [((), "load"), (("load",), "load_artifact"), (("load", "load_artifact"), "load_")])
def test_free_name(taken: tuple[str, ...], expected: str) -> None:
    assert free_name("load", ("load_artifact",), taken) == expected
