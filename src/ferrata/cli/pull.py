"""`ferrata pull`: get the data of the project from a remote."""

from __future__ import annotations

from pathlib import Path

import click

from ferrata.cli.telling import told
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--remote", default="", metavar="NAME", help="Which remote.  [default: the default one]")
@click.option("--verify", is_flag=True, help="Read everything in the cache, and get what is damaged again.")
@click.option("--force", is_flag=True, help="Write over changed files that are nowhere else.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def pull(remote: str, verify: bool, force: bool, is_json: bool) -> Page:
    """Get what .dvc files and dvc.lock name into the cache, and put it in its place.

    Exit status: 0 everything is in its place, 2 changed files are in the way or wrong usage, 3 the remote lacks something or failed.
    """
    from ferrata.flow import sharing
    from ferrata.flow.projects import project_of
    from ferrata.pages.sharing import shared_page

    done = told(lambda reporter: sharing.pull(Path.cwd(), reporter, remote=remote, verify=verify, force=force), is_json)
    return shared_page(done, project_of(Path.cwd()))
