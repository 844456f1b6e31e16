"""A statement's current text with its tree: the place rules look at."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ferrata.records.notebook import Statement
from ferrata.source.edits import LineTable, node_span
from ferrata.source.statements import parse
from ferrata.steps.repairs.rule import Change


@dataclass(frozen=True)
class Argument:
    """One argument of a call as written: `name` "" for a positional one, `value` its expression; `start` to `end` without the commas around it."""

    start: int
    end: int
    name: str
    value: ast.expr
    is_starred: bool = False


class Text:
    """`statement` with the text it has now. Offsets are characters in `source`."""

    def __init__(self, statement: Statement, source: str) -> None:
        self.statement, self.source = statement, source

    @property
    def index(self) -> int:
        return self.statement.index

    @cached_property
    def tree(self) -> ast.Module:
        """Raises SyntaxError; `Context.texts` holds only texts that parse."""
        return parse(self.source)

    @cached_property
    def _table(self) -> LineTable:
        return LineTable(self.source)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return node_span(self._table, node)

    def of(self, node: ast.expr | ast.stmt) -> str:
        start, end = self.span(node)
        return self.source[start:end]

    def offset(self, line: int, column: int) -> int:
        return self._table.offset(line, column)

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def replaced(self, node: ast.expr | ast.stmt, after: str, why: str) -> Change:
        return Change(*self.span(node), after, why)

    def indent(self, node: ast.stmt) -> str:
        """The white space in front of a statement, "" when something else stands on its line."""
        start, _ = self.span(node)
        line = self.source.rfind("\n", 0, start) + 1
        return self.source[line:start] if not self.source[line:start].strip() else ""

    def attribute_span(self, node: ast.Attribute) -> tuple[int, int]:
        """Of the attribute's name alone, without the dot."""
        end = self.span(node)[1]
        return end - len(node.attr), end

    def arguments(self, call: ast.Call) -> list[Argument]:
        """The call's arguments in the order of the text; empty when their text cannot be told apart."""
        nodes: list[tuple[ast.expr, str, bool]] = [
            (arg.value if isinstance(arg, ast.Starred) else arg, "", isinstance(arg, ast.Starred)) for arg in call.args
        ]
        nodes += [(keyword.value, keyword.arg or "", keyword.arg is None) for keyword in call.keywords]
        nodes.sort(key=lambda item: self.span(item[0]))
        pieces = self._pieces(call)
        if len(pieces) != len(nodes) or any(not piece[0] <= self.span(node[0])[0] <= piece[1] for piece, node in zip(pieces, nodes, strict=True)):
            return []
        return [Argument(*piece, name, value, starred) for piece, (value, name, starred) in zip(pieces, nodes, strict=True)]

    def argument(self, call: ast.Call, name: str) -> Argument | None:
        return next((one for one in self.arguments(call) if one.name == name), None)

    def dropped(self, call: ast.Call, names: frozenset[str] | set[str], why: str) -> list[Change]:
        """Changes that take keyword arguments out, each with the comma that belongs to it."""
        found = self.arguments(call)
        changes = []
        for position, one in enumerate(found):
            if one.name not in names:
                continue
            kept_before = [other for other in found[:position] if other.name not in names]
            if kept_before:
                changes.append(Change(found[position - 1].end, one.end, "", why))
            else:
                following = found[position + 1].start if position + 1 < len(found) else self._closing(call, one.end)
                changes.append(Change(one.start, following, "", why))
        return changes

    def _closing(self, call: ast.Call, after: int) -> int:
        """Where the closing parenthesis stands, a trailing comma skipped."""
        end = self.span(call)[1] - 1
        return end if self.source[after:end].strip() in ("", ",") else after

    def appended(self, call: ast.Call, text: str, why: str) -> Change:
        """A further argument at the end of the call."""
        end = self.span(call)[1] - 1
        found = self.arguments(call)
        if not found:
            return Change(end, end, text, why)
        last = found[-1].end
        return Change(last, last, f", {text}", why)

    def _pieces(self, call: ast.Call) -> list[tuple[int, int]]:
        """Spans between the commas of a call's own parentheses, stripped of white space and comments."""
        start, end = self.span(call.func)[1], self.span(call)[1]
        body = self.source[start:end]
        table, depth, pieces = LineTable(body), 0, []
        first: int | None = None
        last = 0
        try:
            for token in tokenize.generate_tokens(io.StringIO(body).readline):
                opens, closes = token.string in ("(", "[", "{"), token.string in (")", "]", "}")
                if token.type != tokenize.OP:
                    opens = closes = False
                depth -= closes
                at_edge = (closes and depth == 0) or (token.type == tokenize.OP and token.string == "," and depth == 1)
                if at_edge and first is not None:
                    pieces.append((start + first, start + last))
                    first = None
                elif depth >= 1 and not at_edge and not (opens and depth == 0) and token.type not in _BLANK:
                    first = _char(table, body, token.start) if first is None else first
                    last = _char(table, body, token.end)
                depth += opens
                if closes and depth == 0:
                    break
        except (tokenize.TokenError, SyntaxError):
            return []
        return pieces


_BLANK = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER))


def _char(table: LineTable, body: str, position: tuple[int, int]) -> int:
    """`tokenize` counts characters, unlike `ast`."""
    return table.line_start(position[0]) + position[1]
