"""Run the stages of a pipeline, several at a time where none waits for another."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ferrata.errors import FerrataError, StageFailed
from ferrata.records.project import Stage
from ferrata.records.run import Change, Ended, StageRun
from ferrata.store.pipelines.graph import Graph
from ferrata.store.running.engine import Engine


class Watch(Protocol):
    """Is told, in the main thread, when a stage starts and what became of it."""

    def started(self, stage: Stage, changes: tuple[Change, ...]) -> None: ...

    def ended(self, run: StageRun) -> None: ...


@dataclass(frozen=True)
class _Told:
    """What a worker says: how its stage ended, or the error that nobody foresaw."""

    stage: Stage
    run: StageRun | None
    error: BaseException | None = None


class Scheduler:
    """`cancel` ends the commands that run; it is called when the run is interrupted."""

    def __init__(self, engine: Engine, stages: Sequence[Stage], graph: Graph, *, jobs: int, watch: Watch, cancel: Callable[[], None]) -> None:
        self._engine, self._graph, self._jobs, self._watch, self._cancel = engine, graph, jobs, watch, cancel
        self._stages, self._waiting, self._mine = stages, list(stages), {stage.name for stage in stages}
        self._runs: dict[str, StageRun] = {}
        self._workers: dict[str, threading.Thread] = {}
        self._told: queue.SimpleQueue[_Told] = queue.SimpleQueue()

    def run(self) -> tuple[StageRun, ...]:
        """What became of each stage, in their order. What does not wait for a failed stage is run to its end."""
        try:
            while self._waiting or self._workers:
                self._start_ready()
                if self._workers:
                    self._hear(self._told.get())
        except BaseException:
            self._cancel()
            raise
        finally:
            for worker in self._workers.values():
                worker.join()
        return tuple(self._runs[stage.name] for stage in self._stages)

    def _start_ready(self) -> None:
        """Stages that need not run are settled here and now; what waits for them may be ready then."""
        is_further = True
        while is_further:
            is_further = False
            for stage in [stage for stage in self._waiting if self._is_ready(stage)]:
                if len(self._workers) >= self._jobs:
                    return
                self._waiting.remove(stage)
                is_further = self._begin(stage) or is_further

    def _is_ready(self, stage: Stage) -> bool:
        return all(name in self._runs for name in self._graph[stage.name] if name in self._mine)

    def _begin(self, stage: Stage) -> bool:
        """Whether it has ended already."""
        if failed := [name for name in self._graph[stage.name] if name in self._runs and self._runs[name].action in ("failed", "skipped")]:
            self._end(StageRun(stage.name, "skipped", f"{failed[0]} {self._runs[failed[0]].action}"))
            return True
        try:
            changes = self._engine.reasons(stage)
            if not changes or stage.is_frozen:
                self._end(self._engine.keep(stage, changes) if changes else self._engine.settle(stage))
                return True
        except FerrataError as error:
            self._end(_failed(stage, (), error))
            return True
        self._watch.started(stage, changes)
        self._workers[stage.name] = threading.Thread(target=self._work, args=(stage, changes), name=stage.name)
        self._workers[stage.name].start()
        return False

    def _work(self, stage: Stage, changes: tuple[Change, ...]) -> None:
        try:
            self._told.put(_Told(stage, self._engine.run(stage, changes)))
        except FerrataError as error:
            self._told.put(_Told(stage, _failed(stage, changes, error)))
        except BaseException as error:
            self._told.put(_Told(stage, None, error))

    def _hear(self, told: _Told) -> None:
        self._workers.pop(told.stage.name).join()
        if told.run is None:
            assert told.error is not None
            raise told.error
        self._end(told.run)

    def _end(self, run: StageRun) -> None:
        self._runs[run.name] = run
        self._watch.ended(run)


def _failed(stage: Stage, changes: tuple[Change, ...], error: FerrataError) -> StageRun:
    ended = error.ended if isinstance(error, StageFailed) and isinstance(error.ended, Ended) else Ended(0)
    return StageRun(
        stage.name, "failed", error.what, ended.seconds, changes, ended.memory, command=ended.command or stage.command, status=ended.status,
        lines=ended.lines if ended.lines or ended.status else (error.todo,), log=ended.log,
    )  # fmt: skip
