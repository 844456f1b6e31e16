"""`ferrata image`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ferrata.cli.telling import told, told_while_it_runs
from ferrata.records.image import ImageRequest
from ferrata.records.page import Page

_HELP = {"help_option_names": ["-h", "--help"]}
_BUILDERS = ("docker", "podman", "buildah")


@click.group(context_settings=_HELP)
def image() -> None:
    """The service as a container image: proved before it can be pushed.

    The Dockerfile is written into the project: base held by its digest, only the packages that the service was seen to need, by hash; another user than
    root, nothing to write to. Then the image runs and the rows of the proof are replayed through it.

    Exit status: 0 proved, 1 an answer differs, 2 wrong usage or project, 3 the engine or a registry failed.
    """


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--builder", default="", type=click.Choice(("", *_BUILDERS)), metavar="NAME", help="docker, podman or buildah.  [default: what is here]"),
        click.option("--platform", default="", metavar="OS/ARCH", help="As linux/arm64; it must run here, to be proved.  [default: this machine's]"),
        click.option("--fresh-base", "is_fresh_base", is_flag=True, help="Look up the digest of the base anew."),
        click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@image.command(context_settings=_HELP)
@_common
def build(builder: str, platform: str, is_fresh_base: bool, is_json: bool) -> Page:
    """Write the Dockerfile, build the image and prove it."""
    from ferrata.flow.imaging import build as story

    return told(lambda reporter: story(ImageRequest(builder, platform, is_fresh_base), reporter), is_json)


@image.command(context_settings=_HELP)
@click.argument("repository", default="")
@_common
def push(repository: str, builder: str, platform: str, is_fresh_base: bool, is_json: bool) -> Page:
    """Build, prove and push to REPOSITORY, as registry.example.org/team/churn.

    What goes into the image must be committed. The tag is the commit; the page says the digest. Log in before with the engine's own login.
    """
    from ferrata.flow.imaging import push as story

    return told(lambda reporter: story(ImageRequest(builder, platform, is_fresh_base, repository=repository), reporter), is_json)


@image.command(context_settings=_HELP)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), metavar="N", help="Where it is reached, on this machine.")
@_common
def run(port: int, builder: str, platform: str, is_fresh_base: bool, is_json: bool) -> Page | None:
    """Build, prove and run the image until it is told to end."""
    from ferrata.flow.imaging import run as story

    return told_while_it_runs(lambda reporter, tell: story(ImageRequest(builder, platform, is_fresh_base, port), reporter, tell), is_json)
