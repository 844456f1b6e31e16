"""A page on a terminal, or as plain text: the same layout, with colours where somebody sees them."""

from __future__ import annotations

import io
import os
import shutil
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from ferrata.pages.columns import aligned_table
from ferrata.pages.lines import page_lines, painted, plain
from ferrata.records.finding import Finding
from ferrata.records.page import Code, Figure, Page, Section, Table, Text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STYLES = {"": "", "good": "green", "bad": "red", "warn": "yellow", "faint": "dim", "strong": "bold"}
PLAIN_WIDTH = 120


def show(page: Page, stream: TextIO) -> None:
    """Rich takes longer to import than a command with nothing to do: what can be said without it is."""
    if not stream.isatty():
        stream.write(to_text(page))
        return
    lines = page_lines(page, shutil.get_terminal_size().columns)
    if lines is not None:
        is_coloured = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        stream.write("".join((painted(line) if is_coloured else plain(line)) + "\n" for line in lines))
        return
    from rich.console import Console

    _print(page, Console(file=stream, highlight=False, emoji=False))


def to_text(page: Page, *, width: int = PLAIN_WIDTH) -> str:
    lines = page_lines(page, width)
    return to_wrapped_text(page, width=width) if lines is None else "".join(plain(line) + "\n" for line in lines)


def to_wrapped_text(page: Page, *, width: int = PLAIN_WIDTH) -> str:
    from rich.console import Console

    stream = io.StringIO()
    _print(page, Console(file=stream, width=width, color_system=None, highlight=False, emoji=False))
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


def _print(page: Page, console: Console) -> None:
    from rich.text import Text as Rich

    console.print(Rich(page.title, "bold"))
    for block in page.blocks:
        for item in _render(block):
            console.print(item, soft_wrap=bool(getattr(item, "no_wrap", False)))
    if page.next_command:
        console.print(Rich.assemble("\nNext: ", (page.next_command, "bold cyan")), soft_wrap=True)


def _render(block: Any) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text as Rich

    if isinstance(block, Section):
        yield Rich("\n" + block.title, "bold")
        for inner in block.blocks:
            # Padding would cut a long line of code.
            yield from [_code(inner, "  ")] if isinstance(inner, Code) else (Padding(item, (0, 0, 0, 2)) for item in _render(inner))
    elif isinstance(block, Table):
        yield from _render_table(block)
    elif isinstance(block, Finding):
        yield from _render_finding(block)
    elif isinstance(block, Code):
        yield _code(block)
    elif isinstance(block, Figure):
        if block.lines:
            yield Rich(block.caption, "bold")
            yield _code(Code("\n".join(block.lines)))
    elif isinstance(block, Text):
        yield Rich(block.text, STYLES[block.style])
    else:
        raise TypeError(f"a page cannot show {type(block).__name__}")


def _code(code: Code, indent: str = "") -> RenderableType:
    """On its own lines, however long: what is broken cannot be pasted."""
    from rich.text import Text as Rich

    return Rich(textwrap.indent(code.text.rstrip(), indent), "dim", no_wrap=True)


def _render_table(table: Table) -> Iterator[RenderableType]:
    from rich.table import Table as RichTable
    from rich.text import Text as Rich

    if table.title:
        yield Rich(table.title, "bold")
    has_header = any(table.columns)
    shown = RichTable(box=None, show_header=has_header, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    numeric, rows = aligned_table(table)
    for index, (column, is_number) in enumerate(zip(table.columns, numeric, strict=True)):
        # The cells are padded to one width already; rich would strip that again if it justified them.
        width = max((len(row[index]) for row in rows), default=0) if is_number else 0
        shown.add_column(Rich(column.rjust(width)), no_wrap=is_number, overflow="fold")
    for row, style in zip(rows, table.styles or ("",) * len(rows), strict=True):
        shown.add_row(*(Rich(cell) for cell in row), style=STYLES[style])
    yield shown


def _render_finding(finding: Finding) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text as Rich

    place = f"cell {finding.cell}, line {finding.line}" if finding.cell else "the whole notebook"
    likely = "" if finding.certain == "sure" else ", likely"
    yield Rich.assemble((f"{finding.code} {finding.name}", "yellow"), f"  {place}{likely}")
    for line, style in ((finding.what, ""), (finding.why, "dim"), (f"→ {finding.todo}" if finding.todo else "", "")):
        if line:
            yield Padding(Rich(line, style), (0, 0, 0, 2))
