"""A page as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from typing import Any

from ferrata.pages.columns import is_numeric
from ferrata.records.finding import Finding
from ferrata.records.page import Code, Figure, Page, Section, Table, Text


def to_markdown(page: Page) -> str:
    parts = [f"# {_escape(page.title)}", *(_block(block, 2) for block in page.blocks)]
    if page.next_command:
        parts.append(f"Next:\n\n{_fence(page.next_command, 'sh')}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Any, depth: int) -> str:
    if isinstance(block, Section):
        inner = (_block(item, depth + 1) for item in block.blocks)
        return "\n\n".join([f"{'#' * depth} {_escape(block.title)}", *inner])
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Finding):
        return _finding(block)
    if isinstance(block, Code):
        return _fence(block.text.rstrip("\n"), block.language)
    if isinstance(block, Figure):
        return f"![{_escape(block.caption)}]({block.path})" if block.path else _fence("\n".join(block.lines)) if block.lines else _escape(block.caption)
    if isinstance(block, Text):
        return f"**{_escape(block.text)}**" if block.style == "strong" else _escape(block.text)
    raise TypeError(f"a page cannot show {type(block).__name__}")


def _table(table: Table) -> str:
    columns = [[row[index] for row in table.rows] for index in range(len(table.columns))]
    lines = [
        _row(_cell(column) for column in table.columns),
        _row("---:" if is_numeric(cells) else "---" for cells in columns),
        *(_row(_cell(cell) for cell in row) for row in table.rows),
    ]
    title = f"**{_escape(table.title)}**\n\n" if table.title else ""
    return title + "\n".join(lines)


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return _escape(text).replace("\n", "<br>")


def _finding(finding: Finding) -> str:
    place = f"cell {finding.cell}, line {finding.line}" if finding.cell else "the whole notebook"
    likely = "" if finding.certain == "sure" else ", likely"
    lines = [f"- **{finding.code} {_escape(finding.name)}** ({place}{likely}): {_escape(finding.what)}"]
    lines += [f"  {_escape(text)}" for text in (finding.why, finding.todo) if text]
    return "\n".join(lines)


def _fence(text: str, language: str = "") -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _escape(text: str) -> str:
    """Text that means only itself: no emphasis, links, tables or HTML by accident."""
    return re.sub(r"([\\`*\[\]<>|])|(?<![A-Za-z0-9])(_)|(_)(?![A-Za-z0-9])", lambda match: "\\" + match.group(0), text)
