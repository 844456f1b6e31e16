"""`ferrata history`: every recorded run of the branch."""

from __future__ import annotations

from pathlib import Path

import click

from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Draw the course of one score as SVG.")
@click.option("--score", default="", metavar="NAME", help="Which one, as the page calls it.  [default: the main one]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
def history(picture: Path | None, score: str, is_json: bool) -> Page:
    """Every recorded run of the branch: commit, scores, and what changed since the run before."""
    from ferrata import flow

    return flow.history(picture=picture, score=score)
