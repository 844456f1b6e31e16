"""`ferrata adopt`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ferrata.cli.telling import told
from ferrata.records.page import Page
from ferrata.records.request import AdoptRequest

ANY_PATH = click.Path(path_type=Path)
EXISTING_PATH = click.Path(exists=True, path_type=Path)


class AdoptCommand(click.Command):
    """`--data a.csv b.csv` means both, as a shell's wildcard writes it; the notebook may still come last."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, spread_data(args))


def spread_data(arguments: list[str]) -> list[str]:
    """`--data a b` → `--data a --data b`; an option or a notebook ends the list."""
    spread: list[str] = []
    taken = 0  # paths that the open --data has
    for argument in arguments:
        is_more = taken > 0 and not argument.startswith("-") and not argument.endswith(".ipynb")
        spread += ["--data", argument] if is_more and taken > 1 else [argument]
        taken = 1 if argument == "--data" else taken + 1 if is_more or (taken == 1 and not argument.startswith("-")) else 0
    return spread


def python_version(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    if value and not re.fullmatch(r"3\.\d{1,2}(\.\d{1,3})?", value):
        raise click.BadParameter(f"{value!r} is no version of Python 3; write it as 3.10.")
    return value or ""


@click.command(cls=AdoptCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("notebook", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", type=ANY_PATH, metavar="DIR", help="The project's folder.  [default: the notebook's name, beside it]")
@click.option("--data", type=EXISTING_PATH, multiple=True, metavar="PATH …", help="Files or folders in which its data is.")
@click.option("--python", callback=python_version, metavar="X.Y", help="The Python to run it with.  [default: chosen, and said]")
@click.option("--model", default="", metavar="NAME", help="Which of its models is the project's.  [default: chosen, and said]")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0, metavar="MINUTES",
              help="The longest that one run of the notebook may take.  [default: 60]")
@click.option("--again", is_flag=True, help="It has a project: what adopting gives now becomes a branch of it.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and write no project.")
@click.option("--yes", is_flag=True, help="Take the default answer to every question.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
@click.pass_context
def adopt(
    context: click.Context, notebook: Path, into: Path | None, data: tuple[Path, ...], python: str, model: str, timeout: float,
    again: bool, dry_run: bool, yes: bool, is_json: bool,
) -> Page:
    """Turn NOTEBOOK into a Git project with a pipeline, and prove that it gives the notebook's numbers.

    The notebook is taken as it is and never changed. The project appears, complete, at the very end; stopped at any moment,
    the same command continues.

    Exit status: 0 proved, 1 not proved (the page says why), 2 wrong usage, 3 something outside failed.
    """
    from ferrata import flow

    request = AdoptRequest(notebook, into, data, python, model, timeout, is_dry_run=dry_run, assume_yes=yes, is_again=again)
    return told(lambda reporter: flow.adopt(request, reporter), is_json, assume_yes=yes)
