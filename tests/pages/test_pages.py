"""One page, four ways to show it."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ferrata.pages.columns import aligned, is_numeric
from ferrata.pages.html import to_html
from ferrata.pages.json import to_json
from ferrata.pages.levels import difference_words, level_words, value_words
from ferrata.pages.markdown import to_markdown
from ferrata.pages.terminal import show, to_text, to_wrapped_text
from ferrata.records.finding import Finding
from ferrata.records.page import Code, Page, Section, Table, Text
from ferrata.records.proof import Level

FINDING = Finding("F101", "fitted-before-split", 3, 2, "The scaler saw test rows.", "The score is too good.", "Fit it on train rows.", "likely")
ROWS = (("accuracy", "0.875", "✓ identical"), ("rmse", "12.5", "✗ different"))
PAGE = Page(
    "churn.ipynb: <proved>",
    (
        Text("Everything | *ran*", "good"),
        Section("Proved", (Table(("score", "expected", "verdict"), ROWS, styles=("good", "bad")),)),
        Section("Found", (FINDING,)),
        Code("print('<b>')\n", "python"),
    ),
    {"outcome": "proved"},
    "cd churn && ferrata",
)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(["a", "12"], False, id="one word"),
        pytest.param(["", "–"], False, id="nothing"),
        pytest.param(["1.2.3"], False, id="a version"),
        pytest.param(["3", "4 rows"], False, id="a count of something"),
        pytest.param(["1", "-2.5", "3e-05", "nan", "–"], True, id="numbers"),
        pytest.param(["12 %", "3.5 s"], True, id="units"),
    ],
)
def test_what_counts_as_numbers(cells: list[str], expected: bool) -> None:
    assert is_numeric(cells) is expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(["b", "a12"], ["b", "a12"], id="text stays"),
        pytest.param(["1", "20"], [" 1", "20"], id="whole numbers"),
        pytest.param(["0.5", "12.25", "3"], [" 0.5 ", "12.25", " 3   "], id="on the point"),
        pytest.param(["1e-05", "0.1", "–"], ["1e-05", "0.1  ", "–    "], id="exponents, nothing"),
    ],
)
def test_numbers_are_aligned_on_the_point(cells: list[str], expected: list[str]) -> None:
    assert aligned(cells) == expected


def test_plain_text_has_no_colour_and_no_trailing_space() -> None:
    text = to_text(PAGE)
    assert "\x1b" not in text and not re.search(r"[ \t]\n", text)
    assert text.splitlines()[0] == "churn.ipynb: <proved>"
    assert text.endswith("\nNext: cd churn && ferrata\n")
    assert re.search(r"accuracy +0\.875 +✓ identical", text) and re.search(r"rmse +12\.5 +✗ different", text)
    assert "F101 fitted-before-split  cell 3, line 2, likely" in text and "→ Fit it on train rows." in text


def test_points_stand_under_one_another_in_plain_text() -> None:
    table = Table(("score", "got"), (("a", "0.875"), ("b", "12.5"), ("c", "3")))
    assert to_text(Page("t", (table,))).splitlines()[1:] == ["score     got", "a       0.875", "b      12.5", "c       3"]


def test_code_is_not_broken_so_that_it_can_be_pasted() -> None:
    line = "curl " + "word " * 60 + "end"
    text = to_wrapped_text(Page("t", (Section("s", (Code(line), Text("word " * 60))),)))
    assert line in text and max(len(each) for each in text.splitlines() if line not in each) <= 120


def test_a_stream_that_is_no_terminal_gets_plain_text() -> None:
    stream = io.StringIO()
    show(PAGE, stream)
    assert stream.getvalue() == to_text(PAGE)


def test_a_terminal_gets_colour_and_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    show(PAGE, stream)
    assert "\x1b[" in stream.getvalue()
    bare = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert bare.split() == to_text(PAGE).split()


def test_square_brackets_are_words_not_markup() -> None:
    assert "[bold]df['x'][/bold]" in to_text(Page("t", (Text("[bold]df['x'][/bold]"), Table(("a",), (("[red]x[/red]",),)))))


def test_markdown() -> None:
    assert to_markdown(PAGE) == (
        "# churn.ipynb: \\<proved\\>\n\nEverything \\| \\*ran\\*\n\n## Proved\n\n"
        "| score | expected | verdict |\n| --- | ---: | --- |\n| accuracy | 0.875 | ✓ identical |\n| rmse | 12.5 | ✗ different |\n\n"
        "## Found\n\n- **F101 fitted-before-split** (cell 3, line 2, likely): The scaler saw test rows.\n"
        "  The score is too good.\n  Fit it on train rows.\n\n```python\nprint('<b>')\n```\n\nNext:\n\n```sh\ncd churn && ferrata\n```\n"
    )


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        pytest.param("y_test and snake_case_name", "y_test and snake_case_name", id="names stay"),
        pytest.param("_emphasis_ and __init__", "\\_emphasis\\_ and \\_\\_init\\_\\_", id="underscores that would mean something"),
        pytest.param("a`b", "a\\`b", id="backtick"),
        pytest.param("[x](y)", "\\[x\\](y)", id="link"),
    ],
)
def test_markdown_text_means_itself(text: str, escaped: str) -> None:
    assert to_markdown(Page("t", (Text(text),))) == f"# t\n\n{escaped}\n"


def test_a_fence_is_longer_than_what_it_holds() -> None:
    assert "````\n```x```\n````" in to_markdown(Page("t", (Code("```x```"),)))


class Reader(HTMLParser):
    """Collects tags and text, and fails on a tag that is not closed in order."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_html_is_one_sound_file_that_fetches_nothing() -> None:
    html = to_html(PAGE)
    reader = Reader()
    reader.feed(html)
    assert reader.open == [] and reader.links == [] and "url(" not in html and "@import" not in html and "<script" not in html
    assert "prefers-color-scheme: dark" in html
    for words in ("churn.ipynb: <proved>", "✗ different", "print('<b>')", "The scaler saw test rows.", "cd churn && ferrata"):
        assert words in reader.words
    assert '<td class="number"> 0.875</td>' in html and '<tr class="bad">' in html


@pytest.mark.parametrize("render", [to_text, to_markdown, to_html])
def test_no_way_of_showing_drops_a_block_it_does_not_know(render: Any) -> None:
    with pytest.raises(TypeError, match="cannot show dict"):
        render(Page("t", ({},)))


@pytest.mark.parametrize("render", [to_text, to_markdown, to_html])
def test_levels_are_words_everywhere(render: Any) -> None:
    table = Table(("verdict",), tuple((level_words(level),) for level in Level))
    shown = render(Page("t", (table,)))
    assert [level.value for level in Level if level.value not in shown] == []


class Scalar:
    """As NumPy's scalars are: neither int nor float, but with `tolist`."""

    def tolist(self) -> float:
        return 0.5


def test_json_holds_only_what_json_knows() -> None:
    data = {"nan": float("nan"), "inf": [float("-inf")], "path": Path("a/b"), "level": Level.EQUAL, "set": {2, 1}, "scalar": Scalar(), 3: (True, None)}
    assert json.loads(to_json(Page("t", data=data))) == {
        "nan": "NaN", "inf": ["-Infinity"], "path": "a/b", "level": "equal", "set": [1, 2], "scalar": 0.5, "3": [True, None],
    }


def test_json_is_ascii() -> None:
    assert to_json(Page("t", data={"é": "✓"})).isascii()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.1 + 0.2, "0.30000000000000004"), (3, "3"), (None, "–"), ("a\nb", "a …"), ("", ""), ([[1, 2], [3, 4]], "[[1, 2], [3, 4]]"),
        ("x" * 44, "x" * 44), ("x" * 45, "x" * 42 + " …"), ([[1] * 9] * 9, "[[1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, …"),
    ],
)  # fmt: skip
def test_values_in_words(value: Any, words: str) -> None:
    assert value_words(value) == words


@pytest.mark.parametrize(("difference", "words"), [(None, "–"), (0.0, "0"), (1.234e-9, "1.2e-09"), (0.25, "0.25")])
def test_differences_in_words(difference: float | None, words: str) -> None:
    assert difference_words(difference) == words
