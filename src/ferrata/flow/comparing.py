"""Compare: find both versions → what each recorded → rows in common → scores and what lies beneath → page."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.flow.versions import Versions
from ferrata.records.evidence import Compared, CompareRequest, Flip, Latency, Matched, Side
from ferrata.store.running.plan import find_project
from ferrata.world.disk import project_disk_errors, write_whole
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch

if TYPE_CHECKING:
    from ferrata.records.page import Page
    from ferrata.statistics.scores import Rows

_PREFIX = "ferrata-compare-"
EVIDENCE = ("evidence/compare.json", "evidence/compare.md", "evidence/compare.html")
# The same for a comment that cannot show drawings.
PLAIN = "evidence/compare/comment.md"


def compare(request: CompareRequest, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """Whether the second version is better than the first, and how sure that is.

    UsageError for a revision or a column that is not there, ProjectError where a version has no results, OutsideError where a program or the disk fails.
    """
    from ferrata.pages.comparison import comparison_page

    project = here(folder)
    compared = compared_in(project, request, reporter)
    page = comparison_page(project.name, compared)
    write_evidence(project, page)
    return page


def here(folder: Path | None) -> Path:
    place = folder or Path.cwd()
    project = find_project(place)
    if project is None:
        raise ProjectError("There is no project here", where=str(place), todo="Go to a folder with a dvc.yaml, or make a project with `ferrata adopt`.")
    return project


def compared_in(project: Path, request: CompareRequest, reporter: Reporter) -> Compared:
    if not 0 < request.margin < 1:
        raise UsageError("A margin is a number between 0 and 1", where="--margin", todo="For example --margin 0.01.")
    with project_disk_errors(project), scratch(_PREFIX, away_from=project) as place:
        versions = Versions(project, place, reporter)
        first, second = versions.read(request.first), versions.read(request.second, is_second=True)
        reporter.step("Compare row by row")
        compared = _compare(project, request, first, second, versions)
        reporter.done(compared.outcome)
    return compared


def _compare(project: Path, request: CompareRequest, first: Side, second: Side, versions: Versions) -> Compared:
    from ferrata.steps.comparing.matching import match, same_truth, warnings, why_not

    matched = match(first, second)
    why = why_not(first, second, matched)
    found = Compared("not comparable", first, second, matched, why=tuple(why), changed=_changed(first, second))
    if matched is None or (why and not request.is_common):
        return found
    common = same_truth(first, second, matched)
    if not common.count:
        return replace(found, why=(*why, "No row is left that both were tested on with the same truth."))
    return _judged(project, request, replace(found, matched=common, notes=tuple(warnings(first, second, common))), versions)


def _judged(project: Path, request: CompareRequest, found: Compared, versions: Versions) -> Compared:
    from ferrata.steps.comparing import beneath, scoring
    from ferrata.steps.comparing.uses import count_use

    first, second, matched = found.first, found.second, found.matched
    assert matched is not None
    rows = scoring.rows_of(first, second, matched)
    main, names = scoring.chosen_scores(rows, second.metrics or first.metrics, request.score)
    slices = beneath.slices(rows, matched, second, request.slices)
    fixed, broken = beneath.flipped(rows)
    found = _with_scores(project, request, found, rows, names, main, versions)
    return replace(
        found, outcome="compared on common rows" if found.why else "compared", fixed=fixed, broken=broken, flips=_flips(rows, matched, second, versions),
        slices=slices, tried_slices=len(slices), uses=count_use(project, first, second), classes=tuple(map(str, rows.classes)) if rows.classes else None,
        confusions=beneath.confusions(rows), calibrations=beneath.calibrations(rows), scatter=beneath.points(rows),
        latencies=_latencies(versions, first, second),
    )  # fmt: skip


def _flips(rows: Rows, matched: Matched, second: Side, versions: Versions) -> tuple[Flip, ...]:
    """With their cells, or their pictures where they are files of images that lie here."""
    from ferrata.steps.comparing.beneath import worst_regressions
    from ferrata.steps.comparing.pictures import with_pictures
    from ferrata.steps.comparing.sides import with_cells

    worst = worst_regressions(rows, matched, second)
    flips = with_cells([(flip, at) for flip, at, _ in worst], second.data, versions.python)
    folder = versions.answering(second.version.name)
    if second.data is not None or folder is None:
        return flips
    return with_pictures(flips, [int(matched.second[row]) for _, _, row in worst], second, folder, versions.python)


def _latencies(versions: Versions, first: Side, second: Side) -> tuple[Latency, ...]:
    """() where a version has no prediction function, or its model is not at hand."""
    from ferrata.steps.comparing.latency import measure
    from ferrata.steps.signature import read_signature

    folders = [folder for folder in (versions.answering(side.version.name) for side in (first, second)) if folder is not None]
    try:
        signatures = [read_signature(folder) for folder in folders]
    except ProjectError:
        return ()
    return measure(folders, signatures, versions.python, versions.scratch) if len(folders) == 2 else ()


def _with_scores(
    project: Path, request: CompareRequest, found: Compared, rows: Rows, names: list[str], main: str, versions: Versions
) -> Compared:
    """With what is known of chance in training: both trained again, or what `ferrata noise` measured."""
    from ferrata.flow.repeating import known_noise
    from ferrata.flow.retraining import Retraining
    from ferrata.statistics.verdict import Chance, judge

    if request.seeds and found.matched is not None:
        retrained, judged = Retraining(versions, request, (found.first, found.second), found.matched, versions.reporter).judged(names, main)
        return replace(found, judged=judged or judge(rows, names, main, margin=request.margin), retrained=retrained)
    noise, source = known_noise(project)
    # Both versions were trained once.
    chance = {name: Chance(math.sqrt(2) * each.deviation, each.count - 1) for name, each in noise.items()}
    judged = judge(rows, names, main, margin=request.margin, chance=chance)
    return replace(found, judged=judged, noise={name: noise[name].deviation for name in names if name in noise}, noise_source=source)


def _changed(first: Side, second: Side) -> tuple[str, ...]:
    """Parameters that differ, from → to."""
    names = dict.fromkeys([*first.params, *second.params])
    pairs = ((name, first.params.get(name, "nothing"), second.params.get(name, "nothing")) for name in names)
    return tuple(f"{name}: {old} → {new}" for name, old, new in pairs if old != new)


def write_evidence(project: Path, page: Page) -> None:
    """A failed write does not take the answer away."""
    from ferrata.pages.figures import figures, with_files
    from ferrata.pages.html import to_html
    from ferrata.pages.json import to_json
    from ferrata.pages.markdown import to_markdown

    texts = [(EVIDENCE[0], to_json(page) + "\n"), (EVIDENCE[1], to_markdown(with_files(page, "compare/"))), (EVIDENCE[2], to_html(page))]
    texts.append((PLAIN, to_markdown(page)))
    texts += [(f"evidence/compare/{figure.name}.svg", figure.svg) for figure in figures(page)]
    try:
        for path, text in texts:
            write_whole(project / path, text.encode())
    except OutsideError:
        return
