"""Character edits on a text, `ast` positions as offsets, and code moved to another indent without changing what it says."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable
from itertools import pairwise


class LineTable:
    """Offsets of the lines of one text. Columns are UTF-8 bytes, as `ast` counts them; lines are 1-based and end with "\\n"."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0] + [match.end() for match in re.finditer("\n", text)]

    def line_start(self, line: int) -> int:
        return self._starts[line - 1]

    def offset(self, line: int, column: int) -> int:
        """The character offset of a 1-based line and a 0-based UTF-8 byte column."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._text)
        content = self._text[start:end]
        return start + (column if content.isascii() else len(content.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore")))


def node_span(table: LineTable, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """Start and end offset of a node in the text that the table was made from."""
    return table.offset(node.lineno, node.col_offset), table.offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def apply_edits(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Replace every `(start, end, replacement)`, offsets in the original text. Edits that overlap raise ValueError."""
    ordered = sorted(set(edits), key=lambda edit: (edit[0], edit[1]))
    for before, after in pairwise(ordered):
        if after[0] < before[1] or (after[0], after[1]) == (before[0], before[1]):
            raise ValueError(f"edits overlap: {before} and {after}")
    for start, end, replacement in reversed(ordered):
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"edit outside the text: {(start, end)}")
        text = text[:start] + replacement + text[end:]
    return text


def reindent(text: str, indent: str) -> str:
    """The code with `indent` in front instead of its own common indent.

    Lines that begin inside a string literal are left as they are, so its content stays; comment lines are never left of the code.
    Lines of nothing but blanks become empty.
    """
    lines = text.split("\n")
    inside = _lines_inside_strings(text)
    own = _common_indent(lines, inside)
    return "\n".join(line if number in inside else _moved(line, own, indent) for number, line in enumerate(lines, 1))


def _moved(line: str, own: str, indent: str) -> str:
    if not line.strip():
        return ""
    if line.startswith(own):
        return indent + line[len(own) :]
    return indent + line.lstrip()


def _common_indent(lines: list[str], inside: set[int]) -> str:
    """The indent of the first line of code: every other logical line of a valid block is at least as deep."""
    for number, line in enumerate(lines, 1):
        if line.strip() and number not in inside and not line.lstrip().startswith("#"):
            return line[: len(line) - len(line.lstrip())]
    return ""


def _lines_inside_strings(text: str) -> set[int]:
    """Numbers of the lines whose first character belongs to a string that began on an earlier line."""
    inside: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
            name = tokenize.tok_name[token.type]
            if name == "STRING":
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
            elif name in ("FSTRING_START", "TSTRING_START"):
                opened.append(token.start[0])
            elif name in ("FSTRING_END", "TSTRING_END") and opened:
                inside.update(range(opened.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        return inside
    return inside
