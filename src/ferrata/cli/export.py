"""`ferrata run export`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("run", required=False, default="")
@click.option("--out", default="", metavar="FILE", help="Where to write it.  [default: beside you, named for project and run]")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
def export(run: str, out: str, is_json: bool) -> Page:
    """Write a recorded RUN, the last one by default, as one small file that a colleague gives to `ferrata why`.

    In it are its record, packages, parameters, machine, results and the text of the code; of the data only hashes of files, rows and cells.
    """
    from ferrata.flow.exporting import export_run

    return export_run(run, out)
