"""Text values that code puts together from literals (`+`, f-strings, `os.path.join`, `Path / name`, `%`, `.format`), with the place of every part."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from ferrata.source.edits import LineTable, node_span

_PATH_MAKERS = frozenset(
    "Path PurePath PosixPath WindowsPath PurePosixPath PureWindowsPath abspath normpath realpath expanduser fspath "
    "str resolve absolute as_posix expandvars".split()
)


@dataclass(frozen=True)
class Piece:
    """One part of a text value.

    `text` is None where only the run knows it. A literal has `start < end`, its characters in the source of statement `owner` (quotes and prefix
    included, unless it is `bare`: the literal part of an f-string or template); what code adds (a separator of `join`) has `start == end`.
    """

    text: str | None
    owner: int = -1
    start: int = 0
    end: int = 0
    is_bare: bool = False

    @property
    def is_literal(self) -> bool:
        return self.start < self.end


Text = tuple[Piece, ...]
HOLE = Piece(None)
SEPARATOR = Piece("/")


def joined(text: Text, hole: str = "\0") -> str:
    """The value with `hole` where only the run knows it."""
    return "".join(hole if piece.text is None else piece.text for piece in text)


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names; parts that are no names are left out (`f().b` is `b`)."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


class Texts:
    """Evaluates expressions of one statement. `known` holds the texts of names bound by earlier statements (`name`, `name.attribute`, `name['key']`)."""

    def __init__(self, source: str, owner: int, known: dict[str, Text]) -> None:
        self.source, self.owner, self.known = source, owner, known
        self.table = LineTable(source)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return node_span(self.table, node)

    def text(self, node: ast.expr) -> Text | None:
        """The text of an expression, None where it is none or nothing of it is known."""
        if isinstance(node, ast.Constant):
            return (Piece(node.value, self.owner, *self.span(node)),) if isinstance(node.value, str) else None
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            return self.known.get(place(node))
        if isinstance(node, ast.JoinedStr):
            return self._f_string(node)
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        return None

    def _f_string(self, node: ast.JoinedStr) -> Text | None:
        start, end = self.span(node)
        at, pieces = start, list[Piece]()
        for value in node.values:
            if isinstance(value, ast.Constant):
                found = self.source.find(str(value.value), at, end)
                if found < 0:
                    return None
                at = found + len(str(value.value))
                pieces.append(Piece(str(value.value), self.owner, found, at, is_bare=True))
            elif isinstance(value, ast.FormattedValue):
                pieces += (self.text(value.value) or (HOLE,)) if value.format_spec is None and value.conversion in (-1, 115) else (HOLE,)
                at = self.source.find("}", at, end) + 1 or at
        return tuple(pieces) if any(piece.text for piece in pieces) else None

    def _operation(self, node: ast.BinOp) -> Text | None:
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
            values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return self._template(node.left, r"%[sdi]", list(values))
        left, right = self.text(node.left), self.text(node.right)
        if left is None and right is None:
            return None
        if isinstance(node.op, ast.Add):
            return (*(left or (HOLE,)), *(right or (HOLE,)))
        if isinstance(node.op, ast.Div):
            return _joined_path([left or (HOLE,), right or (HOLE,)])
        return None

    def _template(self, node: ast.expr, hole: str, values: list[ast.expr]) -> Text | None:
        assert isinstance(node, ast.Constant)
        start, end = self.span(node)
        at, pieces = start, list[Piece]()
        for index, part in enumerate(re.split(hole, str(node.value))):
            if index:
                pieces += (self.text(values[index - 1]) if index <= len(values) else None) or (HOLE,)
            if part:
                found = self.source.find(part, at, end)
                if found < 0:
                    return None
                at = found + len(part)
                pieces.append(Piece(part, self.owner, found, at, is_bare=True))
        return tuple(pieces)

    def _call(self, node: ast.Call) -> Text | None:
        name = dotted(node.func).rsplit(".", 1)[-1]
        if name == "join" and dotted(node.func).endswith("path.join"):
            return self._arguments(node.args)
        if name == "joinpath" and isinstance(node.func, ast.Attribute):
            return self._arguments([node.func.value, *node.args])
        if name in ("getcwd", "cwd") and not node.args:
            return (Piece("."),)
        if name == "format" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str):
            return self._template(node.func.value, r"\{\w*\}", list(node.args))
        if name in _PATH_MAKERS and node.args:
            return self._arguments(node.args)
        if name in _PATH_MAKERS and isinstance(node.func, ast.Attribute):
            return self.text(node.func.value)
        return None

    def _arguments(self, arguments: list[ast.expr]) -> Text | None:
        texts = [self.text(argument) for argument in arguments]
        return _joined_path([text or (HOLE,) for text in texts]) if any(texts) else None


def _joined_path(parts: list[Text]) -> Text:
    pieces: list[Piece] = []
    for part in parts:
        start = part[0].text or ""
        if start.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[\\/]", start):
            pieces = []
        if pieces and not (pieces[-1].text or "").endswith(("/", "\\")):
            pieces.append(SEPARATOR)
        pieces += part
    return tuple(pieces)


def place(node: ast.expr) -> str:
    """The key that a target is known under: `name`, `name.attribute`, `name['key']`; "" for others."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant):
        return f"{node.value.id}[{node.slice.value!r}]"
    return ""
