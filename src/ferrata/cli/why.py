"""`ferrata why`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.telling import told
from ferrata.records.explanation import BUDGET, WhyRequest
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("result", required=False, default="")
@click.option("--against", default="", metavar="REV|RUN|FILE|URL", help="What it is compared with.  [default: the project as it is]")
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), default=BUDGET, metavar="MINUTES", help=f"How long it may try.  [default: {BUDGET:g}]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def why(result: str, against: str, budget: float, is_json: bool) -> Page:
    """Why RESULT is not what this project gives: what differs, and which difference does it, found by running again with one thing changed.

    RESULT is a recorded run, a commit, a file of `ferrata run export` or its address, a notebook with its saved outputs, or a score such as accuracy=0.87.
    Without one, the project is run twice, and under other conditions, to see whether it repeats itself. All of this happens in copies; the project is
    only read.

    Exit status: 0 the same, 1 not the same (the page says why), 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata import flow

    return told(lambda reporter: flow.why(WhyRequest(result, against, budget), reporter), is_json)
