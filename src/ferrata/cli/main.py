"""The `ferrata` command: which commands there are; each lives in a file of its own."""

from __future__ import annotations

import click


@click.group()
@click.version_option(package_name="ferrata")
def main() -> None:
    """A notebook becomes a Git project whose pipeline gives the same numbers, proved."""
