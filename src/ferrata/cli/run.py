"""`ferrata run`: parse the options, tell the story, hand back its page."""

from __future__ import annotations

import click

from ferrata.cli.plain import run_page
from ferrata.records.page import Page
from ferrata.records.run_request import RunRequest


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--force", is_flag=True, help="Run the stages also when nothing changed, and take nothing from the cache.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change a parameter first: train.max_depth=8, or other.yaml:key=value.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="How many stages may run at once.  [default: one a core]")
@click.option("--dry-run", is_flag=True, help="Say what would run and why, and touch nothing.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def run(stages: tuple[str, ...], force: bool, settings: tuple[str, ...], jobs: int | None, dry_run: bool, is_json: bool) -> Page:
    """Run what changed: the named STAGEs and what they wait for, or the whole pipeline.

    A combination of code, data and parameters that ran before is taken from the cache. Where a stage fails, its last results
    stay in place and stages that do not wait for it run on.

    Exit status: 0 up to date, 1 a stage failed, 2 wrong usage or project, 3 something outside failed.
    """
    return run_page(RunRequest(stages, settings, jobs or 0, is_forced=force, is_dry_run=dry_run), is_json=is_json)
