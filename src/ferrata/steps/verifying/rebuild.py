"""Run every stage of the clone: nothing taken from a cache, no network where the system can cut it off, and what it reads and writes looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ferrata.programs import git
from ferrata.programs.isolation import Isolation, isolated
from ferrata.records.project import Stage, is_within, results_of
from ferrata.records.run import Change, Ended, StageRun
from ferrata.records.verification import Obstacle
from ferrata.steps.verifying.copy import Copy, variables_for
from ferrata.steps.verifying.diagnosis import NETWORK, used_network, why_failed
from ferrata.steps.verifying.reads import Reads
from ferrata.store.pipelines.graph import waits_for
from ferrata.store.pipelines.sources import find_sources
from ferrata.store.running.engine import Engine
from ferrata.store.running.runner import stage_commands
from ferrata.store.running.scheduler import Scheduler
from ferrata.world import process
from ferrata.world.commands import Runner, shell

_MOST = 20
_OWN = (".ferrata/", ".dvc/", ".venv/", "evidence/verify.")


@dataclass(frozen=True)
class Rebuilt:
    """`reads_seen`: whether the file system said which files were read."""

    runs: tuple[StageRun, ...]
    obstacles: tuple[Obstacle, ...] = ()
    reads_seen: bool = True

    @property
    def is_whole(self) -> bool:
        return not any(run.action in ("failed", "skipped") for run in self.runs)


@dataclass
class _Work:
    """What the engine and the scheduler are given."""

    copy: Copy
    runner: Runner
    reads: Reads
    on_detail: Callable[[str], None]
    on_stage: Callable[[StageRun], None]
    obstacles: list[Obstacle] = field(default_factory=list)

    def started(self, stage: Stage, changes: tuple[Change, ...]) -> None:
        self.on_detail(stage.name)

    def ended(self, run: StageRun) -> None:
        self.on_stage(run)

    def perform(self, stage: Stage) -> Ended:
        self.reads.starts(stage)
        try:
            ended = self._run(stage, self.copy.isolation)
            if ended.status != 0 and self.copy.isolation.is_offline and NETWORK.search("\n".join(ended.lines)):
                again = self._run(stage, replace(self.copy.isolation, is_offline=False))
                if again.status == 0:
                    self.obstacles.append(used_network(stage.name, stage.command))
                    return again
            return ended
        finally:
            self.reads.ended(stage)

    def _run(self, stage: Stage, isolation: Isolation) -> Ended:
        variables = variables_for(self.copy, stage, os.environ)
        python = self.copy.python if self.copy.python.exists() else None
        commands = stage_commands(self.copy.project, stage, python=python, environment=variables, shell=shell(os.environ))
        log = self.copy.project / ".ferrata" / "logs" / f"{stage.name.replace('/', '_')}.log"
        guarded = [isolated(command, isolation) for command in commands]
        ended = self.runner.run(guarded, log, lambda line: self.on_detail(f"{stage.name} │ {line}"))
        return replace(ended, log=str(log))


def rebuild(
    copy: Copy, stages: Sequence[Stage], author: Path | None, *, on_detail: Callable[[str], None], on_stage: Callable[[StageRun], None],
) -> Rebuilt:
    """One stage after the other, so that it is known which one read what. `author` is the project that this is a clone of, to say what lies there alone."""
    data = [source.place for source in find_sources(copy.project, stages)]
    runner = Runner(mark=str(copy.folder))
    work = _Work(copy, runner, Reads(copy.project, stages), on_detail, on_stage)
    engine = Engine(copy.project, work.perform, is_forced=True, order=tuple(stage.name for stage in stages))
    before = _untracked(copy)
    runs = Scheduler(engine, stages, waits_for(stages, data), jobs=1, watch=work, cancel=runner.cancel).run()
    failures = [why_failed(run, copy, author) for run in runs if run.action == "failed"]
    more = () if failures else _undeclared_results(copy, stages, before)
    return Rebuilt(runs, (*failures, *work.obstacles, *work.reads.undeclared(), *more), work.reads.can_see)


def _untracked(copy: Copy) -> set[str]:
    """New files of the project that Git does not ignore, relative to it."""
    found = set()
    for entry in process.run(git.status(copy.project)).output.split("\0"):
        if entry.startswith("?? "):
            path = os.path.relpath(copy.root / entry[3:], copy.project)
            if not path.startswith(("..", *_OWN)) and "__pycache__" not in path:
                found.add(path)
    return found


def _undeclared_results(copy: Copy, stages: Sequence[Stage], before: set[str]) -> tuple[Obstacle, ...]:
    declared = results_of(stages)
    new = [path for path in sorted(_untracked(copy) - before) if not any(is_within(path, place) for place in declared)]
    todo = "Name it among the results of the stage that writes it (`outs`), or let Git ignore it."
    return tuple(Obstacle("undeclared-result", f"The pipeline writes {path}, which no stage names", path, todo, False) for path in new[:_MOST])
