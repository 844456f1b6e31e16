"""`ferrata report`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.revisions import two
from ferrata.cli.telling import told
from ferrata.records.evidence import CompareRequest
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("revisions", nargs=-1, metavar="[A] [B]")
@click.option("--post", "is_posted", is_flag=True, help="Keep one comment of the pull request up to date, and set the status of the commit.")
@click.option("--kept", "is_kept", is_flag=True, help="The page that an earlier command kept in evidence/; nothing is compared.")
@click.option("--pull-request", "number", type=click.IntRange(min=1), metavar="N", help="Which one.  [default: the one that CI runs for]")
@click.option("--score", default="", metavar="NAME", help="The main score.  [default: the author's]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def report(revisions: tuple[str, ...], is_posted: bool, is_kept: bool, number: int | None, score: str, is_json: bool) -> Page:
    """The comparison and the gate as one page, here and in a pull request.

    A and B are as for `ferrata compare`. The page is kept as evidence/compare.html, .md and .json. With --post it becomes one comment on GitHub, GitLab or
    Forgejo, which later runs change. Tokens are read from the environment: GITHUB_TOKEN, GITLAB_TOKEN, FORGEJO_TOKEN.

    Exit status: 0 reported, whatever the verdict, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata import flow

    first, second = two(revisions)
    return told(lambda reporter: flow.report(CompareRequest(first, second, score), reporter, is_posted=is_posted, is_kept=is_kept, number=number or 0), is_json)
