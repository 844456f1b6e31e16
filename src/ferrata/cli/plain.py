"""The two commands that people type all day, without options: no parser is needed, and loading one takes longer than they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ferrata.records.page import Page
    from ferrata.records.run_request import RunRequest


def standing_page() -> Page:
    """`ferrata`, `ferrata status`"""
    from ferrata.pages.standing import standing_page
    from ferrata.steps.stand import stand

    return standing_page(stand(Path.cwd()))


def run_page(request: RunRequest | None = None, *, is_json: bool = False) -> Page:
    """`ferrata run`"""
    from ferrata.cli.telling import told
    from ferrata.flow.execution import run
    from ferrata.records.run_request import RunRequest

    return told(lambda reporter: run(request or RunRequest(), reporter), is_json)


PLAIN: Mapping[str, Callable[[], Page]] = {"status": standing_page, "run": run_page}
