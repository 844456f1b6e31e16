"""`ferrata history`: every recorded run of the branch."""

from __future__ import annotations

import click

from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
def history(is_json: bool) -> Page:
    """Every recorded run of the branch: commit, scores, and what changed since the run before."""
    from ferrata import flow

    return flow.history()
