"""What two versions of a Python text say differently: statements, never formatting, comments or docstrings.

Each difference is an edit on the first text, so that any choice of them can be applied.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ferrata.source.edits import LineTable, apply_edits, reindent

_BODIES = ("body", "orelse", "finalbody")
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Key = Callable[[ast.stmt], str]


@dataclass(frozen=True)
class Hunk:
    """The edit (offsets in the first text and what stands there in the second), and both sides in words; `line` is in the first text."""

    start: int
    end: int
    replacement: str
    line: int
    here: str
    there: str
    there_line: int


def differences(here: str, there: str) -> list[Hunk]:
    """In the order of the text. SyntaxError where one of them is not Python."""
    left, right = _Text(here), _Text(there)
    found = _of_bodies(left, left.tree, left.tree.body, right, right.tree.body)
    return sorted(found, key=lambda hunk: (hunk.start, hunk.end))


def with_hunks(text: str, hunks: Iterable[Hunk]) -> str:
    return apply_edits(text, [(hunk.start, hunk.end, hunk.replacement) for hunk in hunks])


def renamed(here: Iterable[str], there: Iterable[str]) -> dict[str, str]:
    """{name in `there`: name in `here`} of functions and classes that are the same but for their names. Texts that are not Python are passed over."""
    left, right = _definitions(here), _definitions(there)
    by_body: dict[str, list[str]] = {}
    for name, body in left.items():
        if name not in right:
            by_body.setdefault(body, []).append(name)
    found = {name: by_body.get(body, []) for name, body in right.items() if name not in left}
    return {name: names[0] for name, names in found.items() if len(names) == 1}


def with_names(text: str, names: Mapping[str, str]) -> str:
    """The text with names changed wherever they are names; strings and comments stay. Unchanged where it cannot be read."""
    if not names:
        return text
    table = LineTable(text)
    try:
        tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.NAME and token.string in names]
    except (tokenize.TokenError, SyntaxError):
        return text
    starts = [table.line_start(token.start[0]) + token.start[1] for token in tokens]
    return apply_edits(text, [(start, start + len(token.string), names[token.string]) for start, token in zip(starts, tokens, strict=True)])


def _definitions(texts: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found[node.name] = said(node).replace(f"'{node.name}'", "'·'")
    return found


def said(node: ast.AST) -> str:
    """What a statement says, the same for every way of writing it."""
    return ast.dump(_without_docstrings(node), include_attributes=False)


def _without_docstrings(node: ast.AST) -> ast.AST:
    for inner in ast.walk(node):
        body = getattr(inner, "body", None)
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)) and body and _is_text(body[0]):
            inner.body = body[1:] or [ast.Pass()]
    return node


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


class _Text:
    def __init__(self, text: str) -> None:
        self.text, self.table = text, LineTable(text)
        self.tree = ast.parse(text)
        _without_docstrings(self.tree)

    def lines(self, first: int, last: int) -> str:
        """With its last line end."""
        start = self.table.line_start(first)
        end = self.text.find("\n", self.table.line_start(last))
        return self.text[start : end + 1 if end >= 0 else len(self.text)]


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _of_bodies(left: _Text, owner: ast.AST, here: Sequence[ast.stmt], right: _Text, there: Sequence[ast.stmt]) -> Iterator[Hunk]:
    """What says the same is matched first, functions and classes by their names; the rest by what it assigns or calls. Statements that share a line
    with others go together."""
    if _share_lines(here) or _share_lines(there):
        if list(map(said, here)) != list(map(said, there)):
            yield _hunk(left, owner, here, (0, len(here)), right, there)
        return
    for first, last, other_first, other_last in _gaps(here, there, _key):
        inner, others = here[first:last], there[other_first:other_last]
        for low, high, other_low, other_high in _gaps(inner, others, _target):
            yield _hunk(left, owner, here, (first + low, first + high), right, others[other_low:other_high])
        for one, other in _pairs(inner, others, _target):
            yield from _of_pair(left, here, here.index(one), right, one, other)
    for one, other in _pairs(here, there, _key):
        if said(one) != said(other):
            yield from _of_pair(left, here, here.index(one), right, one, other)


def _gaps(here: Sequence[ast.stmt], there: Sequence[ast.stmt], key: Key) -> Iterator[tuple[int, int, int, int]]:
    for kind, *place in _matched(here, there, key):
        if kind != "equal":
            yield place[0], place[1], place[2], place[3]


def _pairs(here: Sequence[ast.stmt], there: Sequence[ast.stmt], key: Key) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    for kind, first, last, other_first, other_last in _matched(here, there, key):
        if kind == "equal":
            yield from zip(here[first:last], there[other_first:other_last], strict=True)


def _matched(here: Sequence[ast.stmt], there: Sequence[ast.stmt], key: Key) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, [key(node) for node in here], [key(node) for node in there], autojunk=False).get_opcodes()


def _key(node: ast.stmt) -> str:
    return f"{type(node).__name__} {node.name}" if isinstance(node, _NAMED) else said(node)


def _target(node: ast.stmt) -> str:
    """What a statement is about: two that are about the same are two versions of one."""
    if isinstance(node, ast.Assign):
        return " = ".join(map(ast.unparse, node.targets))
    if isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        return ast.unparse(node.target)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return f"{ast.unparse(node.value.func)}()"
    return type(node).__name__


def _of_pair(left: _Text, body: Sequence[ast.stmt], number: int, right: _Text, one: ast.stmt, other: ast.stmt) -> Iterator[Hunk]:
    if type(one) is type(other) and _head(one) == _head(other) and _stands_apart(left, one) and _stands_apart(right, other):
        for name in _BODIES:
            yield from _of_bodies(left, one, getattr(one, name, []) or [], right, getattr(other, name, []) or [])
        return
    yield _hunk(left, one, body, (number, number + 1), right, [other])


def _stands_apart(text: _Text, node: ast.stmt) -> bool:
    """A compound statement whose body has lines of its own."""
    body: list[ast.stmt] = getattr(node, "body", [])
    if not body:
        return False
    start = text.table.line_start(_first_line(body[0]))
    return not text.text[start : text.table.offset(body[0].lineno, body[0].col_offset)].strip() or bool(getattr(body[0], "decorator_list", []))


def _head(node: ast.stmt) -> str:
    """A compound statement without what is in it; one with an empty part is compared as a whole."""
    parts = {name: value for name, value in ast.iter_fields(node) if name not in _BODIES}
    kept = [name for name in _BODIES if getattr(node, name, None)]
    return repr([type(node).__name__, kept, [(name, _dumped(value)) for name, value in parts.items()]])


def _dumped(value: object) -> str:
    if isinstance(value, ast.AST):
        return ast.dump(value)
    return repr([_dumped(item) for item in value]) if isinstance(value, list) else repr(value)


def _share_lines(nodes: Sequence[ast.stmt]) -> bool:
    return any(_first_line(after) <= _last_line(before) for before, after in zip(nodes, nodes[1:], strict=False))


def _hunk(left: _Text, owner: ast.AST, body: Sequence[ast.stmt], place: tuple[int, int], right: _Text, there: Sequence[ast.stmt]) -> Hunk:
    first, last = place
    here = body[first:last]
    start, end, line = _span(left, owner, body, first, last)
    there_text = right.lines(_first_line(there[0]), _last_line(there[-1])) if there else ""
    indent = " " * (body[0].col_offset if body else 0)
    moved = reindent(there_text.rstrip("\n"), indent) + "\n" if there else ""
    if not there and here and len(here) == len(body) and not isinstance(owner, ast.Module):
        moved = f"{indent}pass\n"
    before = "" if start == 0 or left.text[start - 1] == "\n" else "\n"
    return Hunk(start, end, before + moved, line, _words(here), _words(there), _first_line(there[0]) if there else 0)


def _span(left: _Text, owner: ast.AST, body: Sequence[ast.stmt], first: int, last: int) -> tuple[int, int, int]:
    """Whole lines of the first text; an empty span, in front of the next statement or after the last one, where something is only added."""
    if first < last:
        start = left.table.line_start(_first_line(body[first]))
        return start, start + len(left.lines(_first_line(body[first]), _last_line(body[last - 1]))), _first_line(body[first])
    if first < len(body):
        line = _first_line(body[first])
        return left.table.line_start(line), left.table.line_start(line), line
    if body:
        line = _last_line(body[-1])
        end = left.table.line_start(line) + len(left.lines(line, line))
        return end, end, line
    return len(left.text), len(left.text), getattr(owner, "lineno", 1)


def _words(nodes: Sequence[ast.stmt]) -> str:
    return "\n".join(ast.unparse(node) for node in nodes)
