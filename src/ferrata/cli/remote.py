"""`ferrata remote`: where the data of the project is shared."""

from __future__ import annotations

from pathlib import Path

import click

from ferrata.records.page import Page

_JSON = "Print one JSON object instead of a page."
_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(invoke_without_command=True, context_settings=_HELP)
@click.option("--json", "is_json", is_flag=True, help=_JSON)
@click.pass_context
def remote(context: click.Context, is_json: bool) -> Page | None:
    """The remotes of the project: where its data is shared. Alone it lists them."""
    if context.invoked_subcommand is not None:
        return None
    from ferrata.flow import remotes
    from ferrata.pages.sharing import remotes_page

    return remotes_page(remotes.list_remotes(Path.cwd()))


@remote.command(context_settings=_HELP)
@click.argument("url", metavar="URL")
@click.option("--name", default="", metavar="NAME", help="What it is called.  [default: origin]")
@click.option("--default", "is_default", is_flag=True, help="Push and pull use it when none is named.  [the first one is anyway]")
@click.option("--endpoint", default="", metavar="URL", help="The server of an S3 that is not Amazon's.")
@click.option("--json", "is_json", is_flag=True, help=_JSON)
def add(url: str, name: str, is_default: bool, endpoint: str, is_json: bool) -> Page:
    """Add a remote: s3://bucket/path, gs://bucket/path, azure://container/path, ssh://user@host/path, or a folder.

    Credentials do not belong into URL: they come from the environment, the provider's own files or .dvc/config.local.
    """
    from ferrata.flow import remotes
    from ferrata.pages.sharing import remotes_page

    return remotes_page(remotes.add_remote(Path.cwd(), url, name=name, is_default=is_default, endpoint=endpoint))
