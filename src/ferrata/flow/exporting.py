"""Export: a recorded run → its files → one file for a colleague, without data."""

from __future__ import annotations

import json
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.pages.export import export_page
from ferrata.records.page import Page
from ferrata.records.run_record import RunRecord
from ferrata.steps.explaining.exporting import export_of
from ferrata.steps.explaining.sides import record_named, side_of_record
from ferrata.steps.record import read_runs
from ferrata.store.running.plan import find_project
from ferrata.world.disk import write_whole
from ferrata.world.scratch import scratch


def export_run(run: str = "", out: str = "", *, folder: Path | None = None) -> Page:
    """`run` is the name of a recorded run, "" for the last one. ProjectError where there is none, or its files are nowhere."""
    here = folder or Path.cwd()
    project = find_project(here)
    if project is None:
        raise ProjectError("There is no project here", where=str(here), todo="Go to a folder with a dvc.yaml.")
    record = _chosen(project, run)
    target = here / (out or f"{project.name}-{record.id[:15]}.run.json")
    with scratch("ferrata-export-", away_from=project) as place:
        side = side_of_record(project, record, place / "run")
        if side.tree is None:
            raise ProjectError(f"The files of the run {record.id} are nowhere", where=str(project), todo="Run it again (ferrata run --force), and export that.")
        content = export_of(project.name, record, side.tree)
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"), default=str)
    write_whole(target, f"{text}\n".encode())
    return export_page(project, record, target, len(text), content)


def _chosen(project: Path, run: str) -> RunRecord:
    records = read_runs(project, of_any_branch=True)
    found = record_named(records, run or "last")
    if found is None:
        todo = "Make one: ferrata run." if not records else f"The last one is {records[-1].id}; `ferrata history --json` lists all."
        raise ProjectError(f"There is no run {run}".rstrip() if run else "No run is recorded yet", where=str(project / ".ferrata" / "runs"), todo=todo)
    return found
