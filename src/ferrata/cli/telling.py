"""How a command tells its story: with a reporter that is closed at the end, and, where it goes on after its page, with the page shown when it is there."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ferrata.cli.entry import Terminated, show

if TYPE_CHECKING:
    from ferrata.records.page import Page
    from ferrata.world.reporter import Reporter

T = TypeVar("T")


def told(story: Callable[[Reporter], T], is_json: bool, *, assume_yes: bool = False) -> T:
    from ferrata.world.live import reporter_for

    reporter = reporter_for(sys.stderr, is_json=is_json, assume_yes=assume_yes)
    try:
        return story(reporter)
    finally:
        reporter.close()


def told_while_it_runs(story: Callable[[Reporter, Callable[[Page], None]], Page | None], is_json: bool) -> Page | None:
    """Of what runs until it is told to end: being interrupted is its usual end once its page was shown."""
    is_told = False

    def tell(page: Page) -> None:
        nonlocal is_told
        with contextlib.redirect_stdout(sys.__stdout__):
            show(page, is_json)
        is_told = True

    try:
        return told(lambda reporter: story(reporter, tell), is_json)
    except (KeyboardInterrupt, Terminated):
        if not is_told:
            raise
        return None
