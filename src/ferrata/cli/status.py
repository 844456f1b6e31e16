"""`ferrata` and `ferrata status`: where this project stands and what is next."""

from __future__ import annotations

import click

from ferrata.cli.plain import standing_page
from ferrata.records.page import Page


@click.command()
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
def status(is_json: bool) -> Page:
    """Where this project stands and what is next."""
    return standing_page()
