"""Verify: clone → install → data → run → compare → evidence → page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError
from ferrata.flow.sharing import progress_of
from ferrata.pages.json import to_json
from ferrata.pages.markdown import to_markdown
from ferrata.pages.verification import verification_page
from ferrata.records.amount import elapsed
from ferrata.records.page import Page
from ferrata.records.project import Stage
from ferrata.records.run import StageRun
from ferrata.records.verification import Obstacle, Origin, Verification, VerifyRequest
from ferrata.steps.verifying import standing, supply, traces
from ferrata.steps.verifying.copy import Copy, clone, conditions, install, lacks_lock, shut_off
from ferrata.steps.verifying.diagnosis import why_not_installed
from ferrata.steps.verifying.judge import judge, outcome_of
from ferrata.steps.verifying.origin import find_origin
from ferrata.steps.verifying.rebuild import Rebuilt, rebuild
from ferrata.steps.verifying.recorded import Recorded, keep_recorded
from ferrata.store.pipelines.graph import in_order
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.store.pipelines.sources import find_sources
from ferrata.store.running.plan import find_project
from ferrata.world.disk import project_disk_errors, write_whole
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch

_PREFIX = "ferrata-verify-"
_EVIDENCE = ("evidence/verify.json", "evidence/verify.md")


def verify(request: VerifyRequest, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """Whether the project builds elsewhere and gives what was recorded.

    UsageError for a source that is none, ProjectError where there is no project to clone, OutsideError where the repository, the remote or the disk fails.
    """
    here = folder or Path.cwd()
    project = find_project(here)
    if project is None and not request.source:
        todo = "Go to a project's folder, or say which one: ferrata verify --from GIT-URL."
        raise ProjectError("There is no project here", where=str(here), todo=todo)
    reporter.step("Find what is committed and pushed")
    origin = find_origin(project, request.source)
    reporter.done(origin.words)
    with project_disk_errors(project or here), scratch(_PREFIX, away_from=project or here, is_kept=request.is_kept) as place:
        reporter.step("Clone it")
        copy, origin = clone(origin, place)
        reporter.done(f"{origin.commit[:10]}")
        verification = _Story(project if origin.kind != "address" else None, origin, copy, reporter).told()
        if request.is_kept:
            verification = replace(verification, kept=copy.project)
    return _with_evidence(verification, project if origin.kind != "address" else None)


class _Story:
    """`project` is the one that was cloned, where it is on this machine."""

    def __init__(self, project: Path | None, origin: Origin, copy: Copy, reporter: Reporter) -> None:
        self.project, self.origin, self.copy, self.reporter = project, origin, copy, reporter
        self.obstacles: list[Obstacle] = []
        self.conditions: list[tuple[str, str]] = []
        self.stages: tuple[Stage, ...] = ()

    def told(self) -> Verification:
        try:
            self.stages = self._read()
        except ProjectError as error:
            self.obstacles.append(Obstacle("pipeline", error.what, error.where.removeprefix(f"{self.copy.project}/"), error.todo))
            return self._ended("does-not-build")
        if self.project is not None and self.origin.kind != "revision":
            self.obstacles += [*standing.uncommitted(self.project), *standing.unpushed(self.origin)]
        if not self._installed():
            return self._ended("does-not-build")
        self.obstacles += [*traces.absolute_paths(self.copy, self.origin.root), *traces.foreign_sources(self.copy)]
        self.obstacles += traces.unlocked_packages(self.copy, self.stages)
        self.obstacles += standing.stale_lock(self.copy, self.stages)
        recorded = self._supplied()
        if recorded is None:
            return self._ended("does-not-build")
        rebuilt = self._rebuilt()
        if not rebuilt.is_whole:
            return self._ended("does-not-build", rebuilt.runs)
        self.reporter.step("Compare with what was recorded")
        proof, artifacts = judge(self.copy, self.stages, recorded, self.conditions)
        self.reporter.done(proof.level.value)
        outcome = outcome_of(proof, artifacts)
        return replace(self._ended(outcome, rebuilt.runs), proof=proof, artifacts=artifacts)

    def _read(self) -> tuple[Stage, ...]:
        stages = read_pipeline(self.copy.project)
        return in_order(stages, [source.place for source in find_sources(self.copy.project, stages)])

    def _installed(self) -> bool:
        if lacking := lacks_lock(self.copy):
            self.obstacles.append(lacking)
            return False
        if (self.copy.project / "uv.lock").is_file():
            self.reporter.step("Install its environment from the lock")
            outcome = install(self.copy, self.reporter.detail)
            if outcome.status != 0:
                self.obstacles.append(why_not_installed(outcome.error or outcome.output))
                return False
            self.reporter.done("")
        self.copy = shut_off(self.copy, self.origin.root)
        return True

    def _supplied(self) -> Recorded | None:
        """None where the data cannot be had."""
        self.reporter.step("Get its data")
        found = supply.find_supply(self.copy, self.project)
        is_whole, lacking = supply.fetch(self.copy, found, self.stages, self.project, progress_of(self.reporter))
        self.obstacles += [*found.obstacles, *lacking]
        self.obstacles += standing.lacking_dependencies(self.copy, self.stages, self.project) if is_whole else ()
        if not is_whole or any(each.kind == "missing-file" and each.stops for each in self.obstacles):
            return None
        recorded = keep_recorded(self.copy, self.stages, found)
        self.obstacles += supply.unpushed_results(self.copy, found, self.stages)
        self.reporter.done(f"from {found.words}" if found.remote else found.words)
        return recorded

    def _rebuilt(self) -> Rebuilt:
        self.reporter.step("Run every stage")
        rebuilt = rebuild(self.copy, self.stages, self.project, on_detail=self.reporter.detail, on_stage=self._tell)
        self.obstacles += rebuilt.obstacles
        self.conditions = conditions(self.copy, self.stages, reads_seen=rebuilt.reads_seen)
        if rebuilt.is_whole:
            self.reporter.done(f"{len(rebuilt.runs)} of {len(rebuilt.runs)} stages")
        return rebuilt

    def _tell(self, run: StageRun) -> None:
        mark = "✗" if run.action in ("failed", "skipped") else "✓"
        self.reporter.note(f"{mark} {run.name} {run.action}{f' in {elapsed(run.seconds)}' if run.seconds else ''}")

    def _ended(self, outcome: str, runs: Sequence[StageRun] = ()) -> Verification:
        name = self.project.name if self.project else self.copy.project.name
        return Verification(name, outcome, self.origin, tuple(runs), obstacles=_once(self.obstacles), conditions=tuple(self.conditions))


def _once(obstacles: Sequence[Obstacle]) -> tuple[Obstacle, ...]:
    """What stops a colleague first; the same thing found twice is told once."""
    found: dict[tuple[str, str], Obstacle] = {}
    for each in obstacles:
        found.setdefault((each.kind, each.what), each)
    return tuple(sorted(found.values(), key=lambda each: not each.stops))


def _with_evidence(verification: Verification, project: Path | None) -> Page:
    """Evidence goes to the project that was verified; a failed write of it does not take the answer away."""
    if project is None:
        return verification_page(verification)
    page = verification_page(replace(verification, evidence=_EVIDENCE))
    try:
        write_whole(project / _EVIDENCE[0], (to_json(page) + "\n").encode())
        write_whole(project / _EVIDENCE[1], to_markdown(page).encode())
    except OutsideError as error:
        return verification_page(replace(verification, unwritten=error.what))
    return page
