"""Python text cut into top-level statements, and a diagnosis of text that is not Python."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from ferrata.source.edits import LineTable


@dataclass(frozen=True)
class Span:
    """One top-level statement of a text. Lines are 1-based, decorators included; `column` > 0 when another statement starts before it on its line.

    `source` is the text of its lines (trailing comment and `;` included), or only its own part where statements share a line.
    """

    line: int
    end_line: int
    column: int
    source: str
    comments: str = ""


def parse(text: str) -> ast.Module:
    """The tree of a cell: top-level `await` allowed, everything that the compiler refuses refused.

    Raises SyntaxError, for text that cannot be compiled for other reasons (null bytes, depth) too.
    """
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<cell>", "exec", flags=flags, dont_inherit=True)
            return ast.parse(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or type(error).__name__, ("<cell>", 1, 1, text.split("\n", 1)[0])) from error


def split(text: str) -> list[Span]:
    """The top-level statements in order. Raises SyntaxError."""
    body = parse(text).body
    table = LineTable(text)
    lines = text.split("\n")
    starts = [_start(node) for node in body]
    spans = []
    for index, node in enumerate(body):
        following = starts[index + 1] if index + 1 < len(body) else None
        line, column = starts[index]
        previous_end = body[index - 1].end_lineno if index else 0
        shares_start = line == previous_end
        end_line = node.end_lineno or line
        shares_end = following is not None and following[0] == end_line
        if not shares_end:
            end_line = _with_trailing_comments(lines, end_line, following[0] if following else len(lines) + 1)
        start = table.offset(line, column) if shares_start else table.line_start(line)
        end = table.offset(node.end_lineno or line, node.end_col_offset or 0) if shares_end else table.line_start(end_line) + len(lines[end_line - 1])
        comments = "" if shares_start else _comments_above(lines, line, previous_end or 0)
        spans.append(Span(line, end_line, column if shares_start else 0, text[start:end], comments))
    return spans


def _start(node: ast.stmt) -> tuple[int, int]:
    """Line and UTF-8 column where a statement begins, its decorators included."""
    decorators = getattr(node, "decorator_list", [])
    if decorators:
        return min(decorator.lineno for decorator in decorators), 0
    return node.lineno, node.col_offset


def _with_trailing_comments(lines: list[str], end_line: int, limit: int) -> int:
    """Indented comment lines right below a block belong to it."""
    last = end_line
    for number in range(end_line + 1, limit):
        line = lines[number - 1]
        if line.strip() and not (line[0] in " \t" and line.lstrip().startswith("#")):
            break
        if line.strip():
            last = number
    return last


def _comments_above(lines: list[str], line: int, floor: int) -> str:
    first = line
    while first - 1 > floor and lines[first - 2].startswith("#"):
        first -= 1
    return "\n".join(lines[first - 1 : line - 1])
