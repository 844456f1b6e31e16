"""`ferrata data`: track data by its content, out of Git."""

from __future__ import annotations

from pathlib import Path

import click

from ferrata.cli.telling import told
from ferrata.records.page import Page

_JSON = "Print one JSON object; progress goes to standard error."


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def data() -> None:
    """Data that belongs to the project and is too large for Git."""


@data.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH …")
@click.option("--json", "is_json", is_flag=True, help=_JSON)
def add(paths: tuple[Path, ...], is_json: bool) -> Page:
    """Track each PATH, a file or a folder, by its content.

    The content goes to the cache; a small .dvc file beside it is what Git keeps. Adding a path again takes its content as it is now.
    """
    from ferrata.flow import tracking
    from ferrata.pages.sharing import added_page

    return told(lambda reporter: added_page(tracking.add(Path.cwd(), paths, reporter), Path.cwd()), is_json)
