"""History: project → records of its runs → page."""

from __future__ import annotations

from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.pages.history import history_page
from ferrata.records.page import Page
from ferrata.steps.record import read_runs
from ferrata.store.running.plan import find_project


def history(*, folder: Path | None = None) -> Page:
    """Every recorded run of the branch, newest first."""
    here = folder or Path.cwd()
    project = find_project(here)
    if project is None:
        raise ProjectError("There is no project here", where=str(here), todo="Go to a folder with a dvc.yaml.")
    return history_page(project, read_runs(project))
