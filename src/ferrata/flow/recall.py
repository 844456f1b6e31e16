"""History: project → records of its runs → page, and the course of a score as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ferrata.errors import ProjectError, UsageError
from ferrata.pages.history import history_page
from ferrata.records.page import Page
from ferrata.steps.record import read_runs
from ferrata.store.running.plan import find_project
from ferrata.world.scratch import scratch

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
    from ferrata.pages.history import course
    from ferrata.steps.comparing.scoring import score_of
    from ferrata.world.disk import write_whole

    scored = [record for record in records if record.outcome != "failed" and _scores(record)]
    names = list(_scores(scored[-1])) if scored else []
    chosen = score or next((name for wanted in ("accuracy", "R²", "RMSE") for name in names if score_of(name) == wanted), names[0] if names else "")
    if chosen not in names:
        known = f"One of: {', '.join(names)}." if names else "Run the pipeline first: ferrata run."
        raise UsageError(f"No run has the score {chosen}" if chosen else "No run has a score", where="--picture", todo=known)
    points = [(record, _scores(record)[chosen]) for record in scored if chosen in _scores(record)]
    bars, told = _bars(project, points, score_of(chosen))
    drawn = course(project.name, chosen, [(record, low, value, high) for (record, value), (low, high) in zip(points, bars, strict=True)], told)
    write_whole(picture, drawn.encode())


def _bars(project: Path, points: Sequence[tuple[RunRecord, float]], score: str) -> tuple[list[tuple[float, float]], str]:
    """What chance in training does to the score, where `ferrata noise` has measured it; else what the choice of the test rows does, where a run's predictions
    are still in the cache. And what they are, in words.
    """
    from ferrata.flow.repeating import known_noise

    spreads, source = known_noise(project)
    if score in spreads:
        reach = 1.96 * spreads[score].deviation
        return [(value - reach, value + reach) for _, value in points], f"bars: what other seeds do to it, 95 %, as {source.replace('`', '')} measured"
    with scratch("ferrata-history-", away_from=project) as folder:
        bars = [_of_rows(project, record, value, score, folder) for record, value in points]
    if all(math.isnan(low) for low, _ in bars):
        return bars, "how much other seeds or other test rows move it is not measured"
    return bars, "bars: what other test rows do to it, 95 %; how much other seeds move it is not measured"


def _of_rows(project: Path, record: RunRecord, value: float, score: str, folder: Path) -> tuple[float, float]:
    """NaN where the predictions of the run are not in the cache, or do not give the value that the run recorded: then they are about something else."""
    from ferrata.flow.repeating import alone
    from ferrata.statistics.alone import interval
    from ferrata.statistics.scores import SCORES
    from ferrata.steps.comparing.sides import kept_predictions

    found = next(((place, md5) for results in record.results.values() for place, md5 in results.items() if Path(place).stem == "predictions" and md5), None)
    side = kept_predictions(project, *found, scratch=folder) if found else None
    rows = alone(side) if side is not None else None
    if rows is None or score not in SCORES or not SCORES[score].fits(rows):
        return math.nan, math.nan
    low, computed, high = interval(SCORES[score], rows)
    return (low, high) if math.isclose(computed, value, rel_tol=1e-6, abs_tol=1e-9) else (math.nan, math.nan)


def _scores(record: RunRecord) -> dict[str, float]:
    return {name: float(value) for numbers in record.scores.values() for name, value in numbers.items()}
