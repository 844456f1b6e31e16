"""What a command has to say, before anyone decides how to show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    text: str
    style: str = ""  # "", "good", "bad", "warn", "faint", "strong"


@dataclass(frozen=True)
class Table:
    """`styles`: one per row, as in Text; () for none. Numbers are text here, already in the digits to show; columns of them are aligned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    styles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Code:
    text: str
    language: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing. `svg` is complete; `lines` say the same in characters, for a terminal; `path` is where a file of it lies, as seen from the page's own.
    `is_personal`: it may show people, so that it is in the HTML page alone, and in no file that is posted.
    """

    name: str
    svg: str
    caption: str
    lines: tuple[str, ...] = ()
    path: str = ""
    is_personal: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    """`blocks` are Text, Table, Code, Figure, Section or Finding; `data` is the object that `--json` prints; `next_command` closes the page.

    `status` is what the command exits with: 0 done, 1 the answer is no.
    """

    title: str
    blocks: tuple[Any, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    next_command: str = ""
    status: int = 0
