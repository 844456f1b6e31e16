"""`ferrata rollback`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.telling import told
from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("target")
@click.option("--to", default="", metavar="RELEASE", help="Which one; `ferrata ship status` lists them.  [default: the one before]")
@click.option("--builder", default="", type=click.Choice(("", "docker", "podman", "buildah")), metavar="NAME", help="docker, podman or buildah.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def rollback(target: str, to: str, builder: str, is_json: bool) -> Page:
    """An earlier release serves again at TARGET. Nothing is built; it is proved by its own rows before the switch.

    Exit status: 0 it serves, 1 it was refused and what served before serves on, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata.flow.shipping import rollback as story

    return told(lambda reporter: story(target, to, reporter, builder=builder), is_json)
