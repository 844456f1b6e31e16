"""`ferrata noise`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.telling import told
from ferrata.records.evidence import NoiseRequest
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seeds", type=click.IntRange(min=2), default=8, show_default=True, metavar="N", help="How many trainings of each kind.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many at once.  [default: one a core]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def noise(seeds: int, jobs: int | None, is_json: bool) -> Page:
    """How much do the scores move when only chance changes?

    The pipeline runs again with other values of the parameters that are called seed or random_state, in copies; the working tree is not touched. Seeds that
    change the test rows and seeds that change the training alone are kept apart. `ferrata compare` then takes the second kind into account.

    Exit status: 0 measured, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata import flow

    return told(lambda reporter: flow.noise(NoiseRequest(seeds, jobs or 0), reporter), is_json)
