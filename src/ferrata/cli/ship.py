"""`ferrata ship`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.entry import usage_error
from ferrata.cli.telling import told
from ferrata.records.page import Page

_WORDS = {"plan": 2, "status": 1, "down": 2}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, required=True, metavar="[plan|down] TARGET | status")
@click.option("--builder", default="", type=click.Choice(("", "docker", "podman", "buildah")), metavar="NAME", help="docker, podman or buildah.")
@click.option("--yes", "is_yes", is_flag=True, help="Agree to what `ship plan` says would be installed.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
@click.pass_context
def ship(context: click.Context, words: tuple[str, ...], builder: str, is_yes: bool, is_json: bool) -> Page:
    """The committed project serves at TARGET: proved there before anybody reaches it, and without a request lost.

    `ship plan TARGET` shows every command and file before, `ship status` what serves where, `ship down TARGET` takes it away. The target `local` is this
    machine; others are tables of pyproject.toml (docs/ship.md).

    Exit status: 0 it serves, 1 it was refused and what served before serves on, 2 wrong usage or project, 3 something outside failed.
    """
    from ferrata.flow import shipping

    act = words[0] if words[0] in _WORDS else ""
    if len(words) != _WORDS.get(act, 1):
        raise usage_error(click.UsageError(f"It takes one target: {' '.join(words)}", context))
    if act == "status":
        return shipping.status()
    if act == "plan":
        return shipping.plan(words[1], builder=builder)
    if act == "down":
        return told(lambda reporter: shipping.down(words[1], reporter, builder=builder), is_json)
    return told(lambda reporter: shipping.ship(words[0], reporter, builder=builder, is_yes=is_yes), is_json)
