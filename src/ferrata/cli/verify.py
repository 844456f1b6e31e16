"""`ferrata verify`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.telling import told
from ferrata.records.page import Page
from ferrata.records.verification import VerifyRequest

_FROM = "A branch, tag or commit of this repository, or the address of another one.  [default: what is pushed]"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--from", "source", default="", metavar="URL|REV", help=_FROM)
@click.option("--keep", is_flag=True, help="Leave the clone, its environment and its logs, and say where they are.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def verify(source: str, keep: bool, is_json: bool) -> Page:
    """Build the project elsewhere and compare: a new clone, a new environment, data from the remote, every stage run.

    What is committed and pushed is cloned into a new folder, its packages are installed from the lock, its data comes from the remote, and every stage runs
    without this shell's settings, without your folder in sight and, where the system can cut it off, without a network. Scores, predictions and artefacts
    are compared with the recorded ones.

    Exit status: 0 it builds and gives the recorded results, 1 it does not, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata import flow

    return told(lambda reporter: flow.verify(VerifyRequest(source, is_kept=keep), reporter), is_json)
