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
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Code:
    text: str
    language: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    """`blocks` are Text, Table, Code, Section or Finding; `data` is the object that `--json` prints; `next_command` closes the page."""

    title: str
    blocks: tuple[Any, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    next_command: str = ""
