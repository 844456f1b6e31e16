"""`ferrata ci`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("forge", type=click.Choice(["github", "gitlab", "forgejo"]))
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
def ci(forge: str, is_json: bool) -> Page:
    """Write the workflow that verifies, compares and reports on every pull request.

    The release of Ferrata that writes it is the one that it installs. What it needs from you, which secret and where to click, is printed and kept in
    docs/ci.md of the project.

    Exit status: 0 written, 2 wrong usage or a file in the way, 3 something outside failed.
    """
    from ferrata import flow

    return flow.ci(forge)
