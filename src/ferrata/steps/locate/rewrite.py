"""Turn a path that the code puts together into another one by changing as few literals as possible."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ferrata.records.edit import Edit
from ferrata.records.notebook import Statement
from ferrata.source.paths import PathUse
from ferrata.source.texts import Piece, joined


@dataclass
class Rewriter:
    """Collects edits of literals. One literal may serve several paths: then they must agree, or the place of use is rewritten instead."""

    statements: tuple[Statement, ...]
    _edits: dict[tuple[int, int, int], Edit] = field(default_factory=dict)
    _kept: set[tuple[int, int, int]] = field(default_factory=set)

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(self._edits[key] for key in sorted(self._edits) if not self._is_covered(key))

    def _is_covered(self, key: tuple[int, int, int]) -> bool:
        """Whether another edit replaces a longer span around this one."""
        return any(other != key and other[0] == key[0] and other[1] <= key[1] and key[2] <= other[2] for other in self._edits)

    def lead(self, use: PathUse, target: str, rule: str, why: str) -> bool:
        """Make the path of `use` come out as `target` (text that only the run knows stays where it is). False: its text cannot say that."""
        wanted = literal_changes(use, target)
        if wanted is not None and self._agree(wanted):
            for piece, text in wanted:
                key = (piece.owner, piece.start, piece.end)
                if text != piece.text:
                    self.replace(piece.owner, piece.start, piece.end, self._literal(piece, text), rule, why)
                else:
                    self._kept.add(key)
            return True
        if "\0" in use.value:
            return False
        self.replace(use.owner, use.start, use.end, f'"{_escaped(target)}"', rule, why)
        return True

    def take_over(self, edits: Iterable[Edit]) -> None:
        """Start from edits made before."""
        self._edits.update({(edit.statement, edit.start, edit.end): edit for edit in edits})

    def keep(self, use: PathUse) -> None:
        """The path of `use` is right as it is: its literals must not change for another one's sake."""
        self._kept.update((piece.owner, piece.start, piece.end) for piece in use.text if piece.is_literal)

    def _agree(self, wanted: list[tuple[Piece, str]]) -> bool:
        for piece, text in wanted:
            key = (piece.owner, piece.start, piece.end)
            edit = self._edits.get(key)
            if edit is not None and edit.after != self._literal(piece, text) or text != piece.text and key in self._kept:
                return False
        return True

    def _literal(self, piece: Piece, text: str) -> str:
        if piece.is_bare:
            return text.replace("{", "{{").replace("}", "}}")
        return quoted_like(self.statements[piece.owner].source[piece.start : piece.end], text)

    def replace(self, owner: int, start: int, end: int, after: str, rule: str, why: str) -> None:
        statement = self.statements[owner]
        before = statement.source[start:end]
        if before != after:
            line = statement.line + statement.source.count("\n", 0, start)
            self._edits[owner, start, end] = Edit(owner, statement.cell, line, start, end, before, after, rule, why)


def quoted_like(literal: str, text: str) -> str:
    """`text` as a literal with the quotes of `literal`; `r` is kept only where it is needed."""
    match = re.match(r"([A-Za-z]*)('''|\"\"\"|'|\")", literal)
    quote = match.group(2)[0] if match else '"'
    if quote in text and ("'" if quote == '"' else '"') not in text:
        quote = "'" if quote == '"' else '"'
    return f"{quote}{text.replace(chr(92), chr(92) * 2).replace(quote, chr(92) + quote)}{quote}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def literal_changes(use: PathUse, target: str) -> list[tuple[Piece, str]] | None:
    """What every literal of the use has to say so that the whole says `target`; None where that needs more than literals.

    From the end: a literal that the target ends with stays, one that names other folders is cut to what fits, and the first literal takes what remains.
    """
    pieces = list(use.text)
    rest, changes = target, list[tuple[Piece, str]]()
    while pieces:
        piece = pieces[-1]
        text = "\0" if piece.text is None else piece.text.replace("\\", "/")
        is_first = not any(earlier.is_literal for earlier in pieces[:-1])
        if piece.is_literal and is_first:
            return _first(pieces, piece, rest, changes)
        if rest.endswith(text):
            rest = rest[: len(rest) - len(text)]
            if piece.is_literal:
                changes.append((piece, text))
        elif piece.is_literal:
            rest, kept = _cut(rest, text)
            changes.append((piece, kept))
        elif piece.text != "/":
            return None
        pieces.pop()
    return changes if not rest else None


def _first(pieces: list[Piece], piece: Piece, rest: str, changes: list[tuple[Piece, str]]) -> list[tuple[Piece, str]] | None:
    """The first literal takes all that is left. Text before it that is not a literal must not matter (`os.getcwd()`, its separator)."""
    before = joined(tuple(pieces[:-1]))
    if before.strip("./"):
        return None
    if before and rest and not rest.startswith("/") and not before.endswith("/"):
        rest = "/" + rest
    is_joined = bool(changes) or (piece.text or "").endswith(("/", "\\"))
    if not rest and is_joined:
        rest = "./" if (piece.text or "").endswith(("/", "\\")) else "."
    return [*changes, (piece, rest)]


def _cut(rest: str, text: str) -> tuple[str, str]:
    """Give a literal in the middle or at the end as many path parts of `rest` as it has itself."""
    lead = "/" if text.startswith("/") else ""
    count = len([part for part in text.split("/") if part])
    parts = rest.split("/")
    kept = "/".join(parts[-count:]) if count else ""
    remaining = rest[: len(rest) - len(kept)]
    return (remaining.rstrip("/") or ".", lead + kept) if lead else (remaining, kept)
