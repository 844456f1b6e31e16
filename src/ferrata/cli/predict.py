"""`ferrata predict`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

from pathlib import Path

import click

from ferrata.cli.telling import told
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", metavar="INPUT")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write every answer to FILE (.json or .csv).")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def predict(source: str, out: Path | None, is_json: bool) -> Page:
    """Ask the project's model about raw rows, as they stand in the data file.

    INPUT is one record as JSON ('{"column": value, …}', `-` reads it from standard input), a file of rows (as the notebook's data file, JSON, JSON lines or
    Parquet), or a folder of such files; of a model of images it is the file of an image, or a folder of them. The answers come from the project's own
    predict.py, in its own environment.

    Exit status: 0 every row was answered, 1 some were rejected, 2 wrong usage or no prediction function, 3 something outside failed.
    """
    from ferrata import flow

    return told(lambda reporter: flow.predict(source, out, reporter), is_json)
