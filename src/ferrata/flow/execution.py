"""Run: project → settings → stages → what changed → run or restore → record → page."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrata.errors import OutsideError, ProjectError
from ferrata.pages.run import PipelineRun, run_page
from ferrata.records.page import Page
from ferrata.records.project import Stage, overlap
from ferrata.records.run import Change, Ended, StageRun
from ferrata.records.run_request import RunRequest
from ferrata.store.pipelines.graph import Graph, in_order, waits_for, with_upstream
from ferrata.store.pipelines.params import read_text
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.store.pipelines.set_values import parse_setting, texts_with, write_texts
from ferrata.store.pipelines.sources import Source, bring_in, find_sources
from ferrata.store.running.aside import recover
from ferrata.store.running.engine import Engine
from ferrata.store.running.plan import find_project, perform_nothing, plan
from ferrata.world.disk import project_disk_errors
from ferrata.world.reporter import Reporter

if TYPE_CHECKING:
    from ferrata.records.run_record import RunRecord
    from ferrata.world.commands import Runner

_IGNORED = "/aside\n/logs\n"


def run(request: RunRequest, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """Bring the project's stages up to date; nothing is touched by a dry run. Errors are those of `store`."""
    here = folder or Path.cwd()
    project = find_project(here)
    if project is None:
        raise ProjectError("There is no project here", where=str(here), todo="Go to a folder with a dvc.yaml, or make a project with `ferrata adopt`.")
    story = _Story(project, request, reporter)
    with project_disk_errors(project):
        return story.planned() if request.is_dry_run else story.told()


class _Story:
    def __init__(self, project: Path, request: RunRequest, reporter: Reporter) -> None:
        self.project, self.request, self.reporter = project, request, reporter
        self.settings = [parse_setting(text) for text in request.settings]
        self.notes: list[str] = []

    def planned(self) -> Page:
        """What would run, with the values of `--set` read as if they were written."""
        texts = texts_with(self.project, self.settings)

        def read(path: Path) -> str:
            return texts[path] if path in texts else read_text(path)

        stages, graph, _ = self._read(read_pipeline(self.project, read=read))
        engine = Engine(self.project, perform_nothing, is_forced=self.request.is_forced, read=read)
        return run_page(PipelineRun(self.project, plan(engine, stages, graph), is_planned=True))

    def told(self) -> Page:
        from ferrata.world.run_lock import one_run

        self._prepare()
        with one_run(self.project) as held:
            self._recover()
            write_texts(texts_with(self.project, self.settings))
            stages, graph, sources = self._read(read_pipeline(self.project))
            return self._run(stages, graph, sources, held)

    def _prepare(self) -> None:
        from ferrata.store.init import init

        for place in (self.project, self.project / ".dvc", self.project / ".dvc" / "tmp"):
            if place.exists() and not os.access(place, os.W_OK):
                todo = "Make it writable, or run in a clone of the project; `ferrata status` only reads."
                raise OutsideError("The project cannot be written to", where=str(place), todo=todo)
        if not (self.project / ".dvc" / "config").exists():
            init(self.project)

    def _recover(self) -> None:
        for name in recover(self.project):
            self.notes.append(f"{name} was stopped while it ran; its last results were put back.")

    def _read(self, stages: Sequence[Stage]) -> tuple[tuple[Stage, ...], Graph, tuple[Source, ...]]:
        """The stages to bring up to date, in order, and the data that the project tracks."""
        sources = find_sources(self.project, stages)
        data = [source.place for source in sources]
        graph = waits_for(stages, data)
        wanted = with_upstream(in_order(stages, data), self.request.stages, graph)
        return wanted, graph, sources

    def _run(self, stages: tuple[Stage, ...], graph: Graph, sources: tuple[Source, ...], held: int) -> Page:
        from ferrata.store.running.scheduler import Scheduler

        work = _Work(self.project, self.reporter, held)
        engine = Engine(
            self.project, work.perform, is_forced=self.request.is_forced, guard=work.guard, claim=work.claim,
            order=tuple(stage.name for stage in stages),
        )  # fmt: skip
        for source in bring_in(self.project, _needed(sources, stages), engine.contents):
            self.notes.append(f"{source.place} has changed: {source.file} now names what it holds.")
        started = time.time()
        jobs = self.request.jobs or _cores()
        scheduler = Scheduler(engine, stages, graph, jobs=jobs, watch=work, cancel=work.cancel)
        runs = scheduler.run()
        work.finished(runs)
        record = self._record(stages, runs, work, started)
        return run_page(PipelineRun(self.project, runs, record, tuple(self.notes), before=work.before))

    def _record(self, stages: Sequence[Stage], runs: Sequence[StageRun], work: _Work, started: float) -> RunRecord | None:
        if not any(each.changes for each in runs):
            return None
        from ferrata.steps.record import record_run
        from ferrata.store.pipelines.pipeline import top_metrics
        from ferrata.world.machine import describe

        return record_run(
            self.project, read_pipeline(self.project), runs, started=started, stood=work.stood, sources=find_sources(self.project, stages),
            machine=describe(work.environment), more_metrics=top_metrics(self.project), way=work.way,
        )  # fmt: skip


class _Work:
    """What the engine and the scheduler are given: processes, locks, progress. Begun when the first stage must run."""

    def __init__(self, project: Path, reporter: Reporter, held: int) -> None:
        self.project, self.reporter, self._held = project, reporter, held
        self.environment: Path | None = None
        self.stood: Mapping[str, Any] = {}
        self.way: Mapping[str, Any] = {}
        self.before: dict[str, Any] = {}
        self._runner: Runner | None = None

    def started(self, stage: Stage, changes: tuple[Change, ...]) -> None:
        if self._runner is None:
            self._begin()
        self.reporter.detail(f"{stage.name}: {'; '.join(map(str, changes))}")

    def ended(self, run: StageRun) -> None:
        if run.action == "unchanged":
            return
        from ferrata.records.amount import elapsed

        took = f" in {elapsed(run.seconds)}" if run.action in ("ran", "failed") else f": {run.why}" if run.why else ""
        mark = "✗" if run.action in ("failed", "skipped") else "✓"
        self.reporter.note(f"{mark} {run.name} {run.action}{took}")

    def finished(self, runs: Sequence[StageRun]) -> None:
        """A step that is left open is shown as one that failed."""
        if self._runner is not None and not any(run.action == "failed" for run in runs):
            self.reporter.done(f"{sum(1 for run in runs if run.action != 'unchanged')} of {len(runs)} stages")

    def _begin(self) -> None:
        """Where the project stands is looked at before anything runs."""
        from ferrata.steps.record import commit_and_changes
        from ferrata.steps.way import way_of
        from ferrata.store.pipelines.metrics import read_scores
        from ferrata.store.pipelines.pipeline import top_metrics
        from ferrata.world.commands import Runner
        from ferrata.world.run_lock import mark_of

        self._runner = Runner(held=(self._held,), mark=mark_of(self.project, os.getpid()))
        stages = read_pipeline(self.project)
        self.stood = commit_and_changes(self.project, stages)
        self.before = read_scores(self.project, stages, top_metrics(self.project))
        self.environment = self._environment()
        self.way = way_of(self.project, stages, self.environment, os.environ)
        _keep_out_of_git(self.project, [stage.place(path) for stage in stages for path in stage.cached])
        self.reporter.step("Run the pipeline")

    def _environment(self) -> Path | None:
        """The project's own environment; made from its lock where there is none yet."""
        folder = self.project / ".venv"
        if not folder.exists() and (self.project / "uv.lock").exists():
            from ferrata.programs import uv
            from ferrata.world import process

            self.reporter.step("Install the project's environment")
            process.run(uv.sync(self.project), check=True, on_line=self.reporter.detail)
        return folder if folder.exists() else None

    def perform(self, stage: Stage) -> Ended:
        from ferrata.store.running.runner import stage_commands
        from ferrata.world.commands import shell, stage_environment

        environment = stage_environment(os.environ, (*stage.variables, *stage.passed))
        environment |= {"DVC_ROOT": str(self.project), "DVC_STAGE": stage.name}
        python = self.environment / "bin" / "python" if self.environment else None
        commands = stage_commands(self.project, stage, python=python, environment=environment, shell=shell(os.environ))
        log = self.project / ".ferrata" / "logs" / f"{stage.name.replace('/', '_')}.log"
        assert self._runner is not None, "the watch hears of a stage before it runs"
        ended = self._runner.run(commands, log, lambda line: self.reporter.detail(f"{stage.name} │ {line}"))
        return replace(ended, log=log.relative_to(self.project).as_posix())

    def cancel(self) -> None:
        if self._runner is not None:
            self._runner.cancel()

    @contextmanager
    def guard(self) -> Iterator[None]:
        from ferrata.world.run_lock import dvc_lock

        with dvc_lock(self.project):
            yield

    @contextmanager
    def claim(self, stage: Stage) -> Iterator[None]:
        from ferrata.world.run_lock import in_use

        reads = (*stage.deps, *(file.path for file in stage.sources))
        places = [[str(self.project / stage.place(path)) for path in paths] for paths in (reads, stage.results)]
        with in_use(self.project, *places):
            yield


def _needed(sources: Sequence[Source], stages: Sequence[Stage]) -> list[Source]:
    """Those that a stage reads, as a whole or in part."""
    read = {stage.place(path) for stage in stages for path in stage.deps}
    return [each for each in sources if any(overlap(each.place, path) for path in read)]


def _keep_out_of_git(project: Path, cached: Sequence[str]) -> None:
    from ferrata.programs import git
    from ferrata.store.init import ignore
    from ferrata.world import process

    own = project / ".ferrata" / ".gitignore"
    if not own.exists():
        own.parent.mkdir(exist_ok=True)
        own.write_text(_IGNORED, encoding="utf-8")
    if cached and (project / ".git").exists():
        ignored = set(process.run(git.ignored(project, cached)).output.splitlines())
        ignore(project, [path for path in cached if path not in ignored])


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
