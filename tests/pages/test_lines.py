"""What is laid out without rich is what rich lays out."""

from __future__ import annotations

import random
from typing import Any

import pytest

from ferrata.pages.lines import page_lines
from ferrata.pages.terminal import to_text, to_wrapped_text
from ferrata.records.page import Code, Page, Section, Table, Text

WORDS = ("ran", "up to date", "12 s", "0.8397", "–", "", "✓ identical", "src/a.py", "1.5", "-3", "nothing → X", "it has never run", "1e-09", "nan")
STYLES = ("", "good", "bad", "warn", "faint", "strong")


def table(draw: random.Random) -> Table:
    count, rows = draw.randint(1, 4), draw.randint(0, 5)
    columns = tuple(draw.choice(("stage", "score", "x", "a longer name")) for _ in range(count)) if draw.random() < 0.8 else ("",) * count
    cells = tuple(tuple(draw.choice(WORDS) for _ in range(count)) for _ in range(rows))
    title = draw.choice(("", "Under which conditions"))
    return Table(columns, cells, title, tuple(draw.choice(STYLES) for _ in range(rows)) if draw.random() < 0.5 else ())


def block(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.randint(0, 3 if depth < 2 else 2)
    if kind == 0:
        return table(draw)
    if kind == 1:
        return Text(draw.choice(("All in all: ✓ identical", "a sentence", "")), draw.choice(STYLES))
    if kind == 2:
        return Code(draw.choice(("x = 1", "for a in b:\n    print(a)\n", "$ ls  \n\nend")))
    return Section(draw.choice(("Stages", "Proof: what was compared")), tuple(block(draw, depth + 1) for _ in range(draw.randint(0, 3))))


@pytest.mark.parametrize("seed", range(300))
def test_random_pages(seed: int) -> None:
    draw = random.Random(seed)
    page = Page("A title", tuple(block(draw) for _ in range(draw.randint(0, 4))), next_command=draw.choice(("", "ferrata run")))
    for width in (120, 60, 24):
        if page_lines(page, width) is not None:
            assert to_text(page, width=width) == to_wrapped_text(page, width=width)


def test_most_pages_need_no_rich() -> None:
    pages = [Page("A title", tuple(block(random.Random(seed)) for _ in range(2))) for seed in range(100)]
    assert sum(page_lines(page, 120) is not None for page in pages) > 90


@pytest.mark.parametrize("text", ["漢字", "👍", "tab\there", "e\u0301", "x" * 121, "two\nlines"])
def test_what_is_no_plain_line_is_left_to_rich(text: str) -> None:
    assert page_lines(Page("A title", (Text(text),)), 120) is None
    assert page_lines(Page("A title", (Table(("a",), ((text,),)),)), 120) is None
