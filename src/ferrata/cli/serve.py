"""`ferrata serve`: parse the options, tell the story, show its page when the service is there."""

from __future__ import annotations

import click

from ferrata.cli.telling import told_while_it_runs
from ferrata.records.page import Page
from ferrata.records.service import ServeRequest


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), metavar="N", help="Where to listen.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Who may reach it; other than this machine needs an API key.")
@click.option("--prove", "is_proof", is_flag=True, help="Replay the proof rows through the service, record it in evidence/, and end.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object when the service is ready; progress and its log go to standard error.")
def serve(port: int, host: str, is_proof: bool, is_json: bool) -> Page | None:
    """The model as an API, with its documentation and a page to try it.

    The service is written to service/ of the project, plain FastAPI that needs nothing of Ferrata, and its packages become the group "serve" of
    pyproject.toml and uv.lock. Before it starts, the rows of the proof are replayed through it once, and its answers compared with the notebook's.

    Exit status: 0 it was told to end, or is proved, 1 with --prove an answer differs, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata import flow

    return told_while_it_runs(lambda reporter, tell: flow.serve(ServeRequest(host, port, is_proof), reporter, tell), is_json)
