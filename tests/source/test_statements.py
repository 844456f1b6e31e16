import pytest

from ferrata.source.diagnosis import diagnose
from ferrata.source.statements import Span, split

SPLITS = {
    "nothing": ("\n# only a comment\n", []),
    "trailing comment and semicolon": ("x = 1  # one\nplt.show();", [Span(1, 1, 0, "x = 1  # one"), Span(2, 2, 0, "plt.show();")]),
    "several on a line": (
        "a = 1; b = 'ü'; c = 3  # all",
        [Span(1, 1, 0, "a = 1"), Span(1, 1, 7, "b = 'ü'"), Span(1, 1, 17, "c = 3  # all")],
    ),
    "comments above": ("# far\n\n# near\n# nearer\nx = 1", [Span(5, 5, 0, "x = 1", "# near\n# nearer")]),
    "decorators": ("@d\n@e(1)\ndef f():\n    pass", [Span(1, 4, 0, "@d\n@e(1)\ndef f():\n    pass")]),
    "comment that ends a block": ("if a:\n    b\n    # last\nc", [Span(1, 3, 0, "if a:\n    b\n    # last"), Span(4, 4, 0, "c")]),
    "comment of the next statement": ("if a:\n    b\n# next\nc", [Span(1, 2, 0, "if a:\n    b"), Span(4, 4, 0, "c", "# next")]),
    "multi-line string then another": ("x = '''\na\n'''; y = 1", [Span(1, 3, 0, "x = '''\na\n'''"), Span(3, 3, 5, "y = 1")]),
    "top-level await": ("await f()", [Span(1, 1, 0, "await f()")]),
}


@pytest.mark.parametrize(("text", "spans"), SPLITS.values(), ids=SPLITS.keys())
def test_split(text: str, spans: list[Span]) -> None:
    assert split(text) == spans


@pytest.mark.parametrize("text", ["return 1", "break", "x = '\0'", "def f(a, a): pass"], ids=["return", "break", "null", "twice"])
def test_what_the_compiler_refuses_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxError):
        split(text)


CAUSES = {
    "print": ('x = 1\nprint "a"', 2, "python2"), "print of a name": ("print x", 1, "python2"), "print with %": ("print 'a %d' % 3", 1, "python2"),
    "except": ("try:\n    a\nexcept E, e:\n    b", 3, "python2"), "backticks": ("x = `a`", 1, "python2"), "exec": ('exec "x = 1"', 1, "python2"),
    "unequal": ("if a <> b:\n    c", 1, "python2"), "octal": ("os.chmod(f, 0777)", 1, "python2"), "raise": ('raise E, "a"', 1, "python2"),
    "ur": ("x = ur'a'", 1, "python2"), "long": ("x = 10L", 1, "python2"),
    "prose": ("Example the MH problem", 1, "prose"), "prose that starts with a keyword": ("for this model we will now use other data", 1, "prose"),
    "prose in another language": ("Análisis de los datos", 1, "prose"), "markdown": ("**Result**", 1, "prose"),
    "unfinished call": ("f(1,\n", 1, "unfinished"), "unfinished assignment": ("x = ", 1, "unfinished"), "unfinished block": ("def f():\n", 1, "unfinished"),
    "unfinished exercise": ("model = ____ (3 x)", 1, "unfinished"),
    "conflict": ("a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> other", 2, "conflict"),
    "windows path": ("open('C:\\Users\\x')", 1, "escape"),
    "plain mistake": ("x == = 1", 1, "other"), "wrong indent": ("x = 1\n  y = 2", 2, "other"),
}


@pytest.mark.parametrize(("text", "line", "kind"), CAUSES.values(), ids=CAUSES.keys())
def test_cause(text: str, line: int, kind: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        split(text)
    diagnosis = diagnose(text, caught.value)
    assert (diagnosis.line, diagnosis.kind, diagnosis.is_python2) == (line, kind, kind == "python2")
