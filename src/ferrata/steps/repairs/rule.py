"""What a rule of forward repair is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ferrata.steps.repairs.context import Context
    from ferrata.steps.repairs.text import Text


@dataclass(frozen=True)
class Change:
    """Replace characters `start` to `end` of a statement's current text; `why` is one sentence for the author."""

    start: int
    end: int
    after: str
    why: str


Find = Callable[["Text", "Context"], Iterable[Change]]


@dataclass(frozen=True)
class Rule:
    """One rewrite. `find` only reports changes; in doubt it reports none.

    `package` and `since`: the rule speaks only where that package is installed in that version or later ("" and "": always).
    `when`: `anywhere` (the text alone decides), `failing` (only when `message` matches "Type: text" of the failure, and only in statements that the
    failure came from, unless `everywhere`), `silent` (today's library runs the text and does something else).
    `page` is the documentation: the rule's module docstring.
    """

    name: str
    find: Find
    page: str
    package: str = ""
    since: str = ""
    when: str = "anywhere"
    message: re.Pattern[str] | None = None
    everywhere: bool = False


def anywhere(name: str, find: Find, page: str | None, *, package: str = "", since: str = "") -> Rule:
    return Rule(name, find, page or "", package, since)


def on_failure(name: str, find: Find, page: str | None, *, message: str, package: str = "", since: str = "", everywhere: bool = False) -> Rule:
    return Rule(name, find, page or "", package, since, "failing", re.compile(message, re.DOTALL), everywhere)


def silent(name: str, find: Find, page: str | None, *, package: str, since: str) -> Rule:
    return Rule(name, find, page or "", package, since, "silent")
