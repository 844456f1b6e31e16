"""`ferrata compare`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.revisions import two
from ferrata.cli.telling import told
from ferrata.records.evidence import CompareRequest
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("revisions", nargs=-1, metavar="[A] [B]")
@click.option("--score", default="", metavar="NAME", help="The main score.  [default: the author's]")
@click.option("--margin", type=float, default=0.01, show_default=True, metavar="M", help="A difference that does not matter; a share for errors with a unit.")
@click.option("--seeds", type=click.IntRange(min=3), metavar="N", help="Train both versions again with the same N seeds, and count that chance too.")
@click.option("--slices", multiple=True, default=("auto",), metavar="COLUMN", help="Columns of the data to look at by value.  [default: every one]")
@click.option("--common", is_flag=True, help="Compare the rows that both were tested on, where the test sets differ.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def compare(revisions: tuple[str, ...], score: str, margin: float, seeds: int | None, slices: tuple[str, ...], common: bool, is_json: bool) -> Page:
    """Does the change help, and how sure is that? B against A, row by row.

    A is the main branch and B the working tree; with one revision, the working tree is compared with that one. The verdict is better, worse, equivalent
    within the margin, or cannot tell, with the number of test rows that would. Versions that were tested on other rows are not compared, and it says so.

    Exit status: 0 compared, 1 not comparable, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata import flow

    first, second = two(revisions)
    return told(lambda reporter: flow.compare(CompareRequest(first, second, score, margin, slices, is_common=common, seeds=seeds or 0), reporter), is_json)
