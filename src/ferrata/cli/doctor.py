"""`ferrata doctor`: what this machine has, and what is missing for which step."""

from __future__ import annotations

from pathlib import Path

import click

from ferrata.records.page import Page


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a page.")
def doctor(is_json: bool) -> Page:
    """What this machine has, what is missing for which step, and how to get it.

    Exit status: 0 nothing is in the way of this project, 1 something is.
    """
    from ferrata.pages.health import health_page
    from ferrata.steps.examining import examine
    from ferrata.store.running.plan import find_project

    here = Path.cwd()
    project = find_project(here)
    return health_page(tuple(examine(here, project)), project)
