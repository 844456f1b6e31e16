"""`ferrata push`: send the data of the project to a remote."""

from __future__ import annotations

from pathlib import Path

import click

from ferrata.cli.telling import told
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--remote", default="", metavar="NAME", help="Which remote.  [default: the default one]")
@click.option("--verify", is_flag=True, help="Read what the remote has already, and replace what is damaged.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def push(remote: str, verify: bool, is_json: bool) -> Page:
    """Send what .dvc files and dvc.lock name, and the remote does not have.

    Exit status: 0 everything is there, 2 something is nowhere or wrong usage, 3 the remote or the disk failed.
    """
    from ferrata.flow import sharing
    from ferrata.flow.projects import project_of
    from ferrata.pages.sharing import shared_page

    done = told(lambda reporter: sharing.push(Path.cwd(), reporter, remote=remote, verify=verify), is_json)
    return shared_page(done, project_of(Path.cwd()))
