"""History: project → records of its runs → page, and the course of a score as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ferrata.errors import ProjectError, UsageError
from ferrata.pages.history import history_page
from ferrata.records.page import Page
from ferrata.steps.record import read_runs
from ferrata.store.running.plan import find_project

if TYPE_CHECKING:
    from ferrata.records.run_record import RunRecord


def history(*, folder: Path | None = None, picture: Path | None = None, score: str = "") -> Page:
    """Every recorded run of the branch, newest first. With `picture`, the course of one score is drawn there.

    UsageError for a score that no run has, or runs without any.
    """
    here = folder or Path.cwd()
    project = find_project(here)
    if project is None:
        raise ProjectError("There is no project here", where=str(here), todo="Go to a folder with a dvc.yaml.")
    records = read_runs(project)
    page = history_page(project, records)
    if picture is not None:
        _draw(project, records, picture, score)
    return page


def _draw(project: Path, records: Sequence[RunRecord], picture: Path, score: str) -> None:
    """Bars are what chance in training does to the score, where `ferrata noise` has measured it."""
    from ferrata.flow.repeating import known_noise
    from ferrata.pages.history import course
    from ferrata.steps.comparing.scoring import score_of
    from ferrata.world.disk import write_whole

    scored = [record for record in records if record.outcome != "failed" and _scores(record)]
    names = list(_scores(scored[-1])) if scored else []
    chosen = score or next((name for wanted in ("accuracy", "R²", "RMSE") for name in names if score_of(name) == wanted), names[0] if names else "")
    if chosen not in names:
        known = f"One of: {', '.join(names)}." if names else "Run the pipeline first: ferrata run."
        raise UsageError(f"No run has the score {chosen}" if chosen else "No run has a score", where="--picture", todo=known)
    spreads, source = known_noise(project)
    drawn = course(project.name, chosen, [(record, _scores(record)[chosen]) for record in scored if chosen in _scores(record)],
                   spreads[score_of(chosen)].deviation if score_of(chosen) in spreads else 0.0, source)  # fmt: skip
    write_whole(picture, drawn.encode())


def _scores(record: RunRecord) -> dict[str, float]:
    return {name: float(value) for numbers in record.scores.values() for name, value in numbers.items()}
