import ast

import pytest

from ferrata.source.edits import LineTable, apply_edits, node_span, reindent


def test_positions_count_characters_not_bytes() -> None:
    text = "α = 'ßü'\nβ = f('é', x)"
    call = ast.parse(text).body[1].value  # type: ignore[attr-defined]
    start, end = node_span(LineTable(text), call)
    assert text[start:end] == "f('é', x)"
    start, end = node_span(LineTable(text), call.args[1])
    assert text[start:end] == "x"


def test_edits_are_applied_from_the_end() -> None:
    assert apply_edits("abcdef", [(0, 1, "XX"), (4, 6, ""), (2, 2, "-")]) == "XXb-cd"


@pytest.mark.parametrize("edits", [[(0, 3, "a"), (2, 4, "b")], [(0, 99, "a")], [(1, 1, "a"), (1, 1, "b")]], ids=["overlap", "outside", "same place"])
def test_bad_edits_are_refused(edits: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError):
        apply_edits("abcdef", edits)


BLOCKS = {
    "plain": "x = 1\nif x:\n    y = 2",
    "triple-quoted": 'x = """a\n  b\n\tc\n\n"""\ny = 1',
    "triple-quoted with code after": "x = '''\n a\n'''.strip(); y = 1",
    "f-string": 'a = 1\nx = f"""\n  {a}\n   b {a +\n1}\n"""',
    "continuation": "a = 1\nx = a + \\\n  2\ny = [\n1,\n   2,\n]",
    "continued string": "x = 'a \\\n  b'",
    "comment at column 0": "if True:\n    x = 1\n# comment\n    y = 2",
    "tabs": "if True:\n\tx = 1\n\tif x:\n\t\ty = '''\n\tz'''",
    "blank lines": "x = 1\n\n   \ny = 2",
    "string with blank line of spaces": "x = '''\n    \n'''",
    "nested function": "def f(a):\n    '''Doc.\n\n    More.\n    '''\n    return a\nx = f(1)",
    "raw and bytes": "x = r'''\n\\d\n'''\ny = b'''\n 1'''",
}


def _values(text: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(text, names)
    return {name: value for name, value in names.items() if not name.startswith("__") and not callable(value)}


@pytest.mark.parametrize("indent", ["    ", "\t", "        "], ids=["4", "tab", "8"])
@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS.keys())
def test_reindented_code_says_the_same(text: str, indent: str) -> None:
    moved = reindent(text, indent)
    assert _values("if True:\n" + moved) == _values(text)
    assert reindent(moved, indent) == moved
    assert _values(reindent(moved, "")) == _values(text)


def test_strings_are_not_touched() -> None:
    assert reindent("x = '''\na\n'''\n# c\n\ny", "  ") == "  x = '''\na\n'''\n  # c\n\n  y"
