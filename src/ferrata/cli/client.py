"""`ferrata client`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.records.page import Page

_LANGUAGES = ("js", "python", "swift", "kotlin", "dart", "curl")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("language", type=click.Choice(_LANGUAGES))
@click.option("--out", default="", metavar="FILE", help="Where to write it.  [default: clients/ of the project]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
def client(language: str, out: str, is_json: bool) -> Page:
    """A client of the service as one file, with the types of the model's inputs and answers, a timeout and errors; it needs no package.

    service/USE.md of the project shows how each is used.
    """
    from ferrata.flow.clients import client as write

    return write(language, out)
