"""Run a pipeline from its first stage to its last, stopping at the first that fails."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ferrata.records.command import Command, Outcome
from ferrata.records.project import Stage
from ferrata.records.run import Ended, StageRun
from ferrata.store.pipelines.graph import in_order
from ferrata.store.running.engine import Engine

__all__ = ["Execute", "StageRun", "in_order", "run_pipeline", "stage_commands"]

Execute = Callable[[Command], Outcome]


def run_pipeline(
    project: Path,
    stages: Sequence[Stage],
    execute: Execute,
    *,
    python: Path | None = None,
    environment: dict[str, str] | None = None,
    force: bool = False,
    on_stage: Callable[[Stage, str], None] | None = None,
) -> tuple[StageRun, ...]:
    """Bring every stage up to date; StageFailed when a command fails, ProjectError when a stage does not write what it declares.

    `execute` runs a Command and gives its Outcome (`world.process.run`); `python` is the interpreter that `python` in a command means;
    `on_stage` gets each stage before it runs, and why.
    """
    ordered = in_order(stages)

    def perform(stage: Stage) -> Ended:
        return _perform(stage_commands(project, stage, python=python, environment=environment), execute)

    engine = Engine(project, perform, is_forced=force, order=tuple(stage.name for stage in ordered))
    return tuple(_bring(engine, stage, on_stage) for stage in ordered)


def _bring(engine: Engine, stage: Stage, on_stage: Callable[[Stage, str], None] | None) -> StageRun:
    changes = engine.reasons(stage)
    if not changes:
        return engine.settle(stage)
    if stage.is_frozen:
        return engine.keep(stage, changes)
    if on_stage:
        on_stage(stage, "; ".join(map(str, changes)))
    started = time.monotonic()
    return replace(engine.run(stage, changes), seconds=time.monotonic() - started)


def _perform(commands: Sequence[Command], execute: Execute) -> Ended:
    """One after the other, until one fails."""
    for command in commands:
        outcome = execute(command)
        if outcome.status != 0:
            lines = (outcome.error or outcome.output).strip().splitlines()
            return Ended(outcome.status, command.arguments[-1], outcome.seconds, lines=tuple(lines))
    return Ended(0)


def stage_commands(
    project: Path,
    stage: Stage,
    *,
    python: Path | None = None,
    environment: dict[str, str] | None = None,
    shell: tuple[str, ...] = ("sh",),
) -> tuple[Command, ...]:
    """A stage's commands as the shell runs them, with `python`'s folder first in PATH. Each line of a text is a command, as for DVC."""
    variables = dict(environment or {})
    if python is not None:
        path = variables.get("PATH", os.environ.get("PATH", os.defpath))
        variables |= {"PATH": os.pathsep.join([str(python.parent), path]), "VIRTUAL_ENV": str(python.parent.parent)}
    lines = stage.commands or tuple(stage.command.splitlines())
    why, folder = stage.description or stage.name, project / stage.wdir
    return tuple(Command((*shell, "-c", line), folder=folder, environment=variables, why=why) for line in lines)
