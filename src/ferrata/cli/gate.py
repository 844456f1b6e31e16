"""`ferrata gate`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.revisions import two
from ferrata.cli.telling import told
from ferrata.records.evidence import CompareRequest
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("revisions", nargs=-1, metavar="[A] [B]")
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Such as 'accuracy >= 0.8'; may be repeated.  [default: those of pyproject.toml]")
@click.option("--score", default="", metavar="NAME", help="The main score.  [default: the author's]")
@click.option("--margin", type=float, default=0.01, show_default=True, metavar="M", help="A difference that does not matter; a share for errors with a unit.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def gate(revisions: tuple[str, ...], rules: tuple[str, ...], score: str, margin: float, is_json: bool) -> Page:
    """May the change go in? No only where B is worse than A beyond noise, or a stated rule is broken.

    A and B are as for `ferrata compare`. "Cannot tell" passes, and so do versions that cannot be compared, unless a rule is broken: a rule is about B on its
    own test rows. Rules stand in pyproject.toml, as rules = ["accuracy >= 0.8"] under [tool.ferrata.gate].

    Exit status: 0 it may, 1 it may not, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata import flow

    first, second = two(revisions)
    return told(lambda reporter: flow.gate(CompareRequest(first, second, score, margin), rules, reporter), is_json)
