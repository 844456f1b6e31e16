"""Run a pipeline: the stages whose command, inputs, parameters or results changed, in the order of their files.

The lock is written after every stage, so a killed run goes on where it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ferrata.errors import OutsideError, ProjectError
from ferrata.records.command import Command, Outcome
from ferrata.records.project import Stage
from ferrata.store import cache
from ferrata.store.lock import Entry, given_entry, lock_entry, read_lock, write_lock

Execute = Callable[[Command], Outcome]


@dataclass(frozen=True)
class StageRun:
    """What happened to one stage. `action`: `ran`, `unchanged`, or `restored` (its results came from the cache); `why` it had to run."""

    name: str
    action: str
    why: str = ""
    seconds: float = 0.0


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
    """Bring every stage up to date; OutsideError when a command fails, ProjectError when a stage does not write what it declares.

    `execute` runs a Command and gives its Outcome (`world.process.run`); `python` is the interpreter that `python` in a command means;
    `on_stage` gets each stage before it runs, and why.
    """
    runs = []
    for stage in in_order(stages):
        why = "forced" if force else reason_to_run(project, stage)
        if not why:
            runs.append(StageRun(stage.name, "restored" if restore(project, stage) else "unchanged"))
            continue
        if on_stage:
            on_stage(stage, why)
        started = time.monotonic()
        run_stage(project, stage, execute, python=python, environment=environment)
        runs.append(StageRun(stage.name, "ran", why, time.monotonic() - started))
    return tuple(runs)


def in_order(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Producers before consumers, otherwise as written; ProjectError for a cycle or two stages that write one path."""
    from graphlib import CycleError, TopologicalSorter

    _check_results(stages)
    graph = {
        stage.name: {other.name for other in stages if other is not stage and _feeds(other, stage)} for stage in stages
    }
    by_name = {stage.name: stage for stage in stages}
    try:
        return tuple(by_name[name] for name in TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ProjectError(
            f"The stages {' → '.join(error.args[1])} wait for each other",
            where="dvc.yaml",
            todo="Remove one of the dependencies.",
        ) from error


def reason_to_run(project: Path, stage: Stage) -> str:
    """Why the stage must run; empty when the lock says that its results, here or in the cache, are those of its inputs."""
    locked = read_lock(project).get(stage.name)
    if locked is None:
        return "it has never run"
    return _changed_input(given_entry(project, stage), locked) or _missing_result(project, stage, locked)


def restore(project: Path, stage: Stage) -> bool:
    """Check out the cached results that are missing or changed; whether there were any."""
    from ferrata.store.hashing import digest

    stale = [
        row
        for row in read_lock(project)[stage.name].get("outs", ())
        if row["path"] in stage.outs
        and not ((project / row["path"]).exists() and digest(project / row["path"]).md5 == row["md5"])
    ]
    for row in stale:
        cache.checkout(project, row["md5"], project / row["path"])
    return bool(stale)


def run_stage(
    project: Path,
    stage: Stage,
    execute: Execute,
    *,
    python: Path | None = None,
    environment: dict[str, str] | None = None,
) -> Entry:
    """Run the command from clean results, keep what it wrote in the cache, and lock it."""
    entries = read_lock(project)
    _clear_results(project, stage)
    outcome = execute(stage_command(project, stage, python=python, environment=environment))
    if outcome.status != 0:
        raise OutsideError(
            f"The stage {stage.name} ended with status {outcome.status}",
            where=f"`{stage.command}`",
            todo=(outcome.error or outcome.output).strip()[-4000:] or f"Run `{stage.command}` by hand to see why.",
        )
    _check_written(project, stage)
    for path in stage.outs:
        cache.put(project, project / path)
    entries[stage.name] = lock_entry(project, stage)
    write_lock(project, entries)
    return entries[stage.name]


def stage_command(
    project: Path, stage: Stage, *, python: Path | None = None, environment: dict[str, str] | None = None
) -> Command:
    """The command of a stage as the shell runs it, with `python`'s folder first in PATH."""
    variables = dict(environment or {})
    if python is not None:
        variables["PATH"] = os.pathsep.join(
            [str(python.parent), variables.get("PATH", os.environ.get("PATH", os.defpath))]
        )
        variables["VIRTUAL_ENV"] = str(python.parent.parent)
    return Command(
        ("sh", "-c", stage.command), folder=project, environment=variables, why=stage.description or stage.name
    )


def _check_results(stages: Iterable[Stage]) -> None:
    writers: dict[str, str] = {}
    for stage in stages:
        for path in stage.results:
            if path in writers:
                raise ProjectError(
                    f"{path} is written by {writers[path]} and by {stage.name}",
                    where="dvc.yaml",
                    todo="Give one of them another path.",
                )
            writers[path] = stage.name


def _feeds(producer: Stage, consumer: Stage) -> bool:
    return any(_overlap(result, needed) for result in producer.results for needed in consumer.deps)


def _overlap(left: str, right: str) -> bool:
    a, b = PurePosixPath(left), PurePosixPath(right)
    return a == b or a in b.parents or b in a.parents


def _changed_input(given: Entry, locked: Entry) -> str:
    if given["cmd"] != locked.get("cmd"):
        return "its command changed"
    before = {row["path"]: row.get("md5") for row in locked.get("deps", ())}
    now = {row["path"]: row["md5"] for row in given.get("deps", ())}
    changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
    values, locked_values = (entry.get("params", {}).get("params.yaml", {}) for entry in (given, locked))
    changed += sorted(key for key in values.keys() | locked_values.keys() if values.get(key) != locked_values.get(key))
    return f"{', '.join(changed)} changed" if changed else ""


def _missing_result(project: Path, stage: Stage, locked: Entry) -> str:
    from ferrata.store.hashing import digest

    known = {row["path"]: row["md5"] for row in locked.get("outs", ())}
    for path in sorted({*stage.results, *known}):
        if path not in known or path not in stage.results:
            return f"its list of results changed ({path})"
        if path in stage.outs and cache.has(project, known[path]):
            continue
        if not (project / path).exists():
            return f"{path} is missing"
        if digest(project / path).md5 != known[path]:
            return f"{path} is not what the stage wrote"
    return ""


def _clear_results(project: Path, stage: Stage) -> None:
    for path in stage.results:
        cache.remove(project / path)
        (project / path).parent.mkdir(parents=True, exist_ok=True)


def _check_written(project: Path, stage: Stage) -> None:
    missing = [path for path in stage.results if not (project / path).exists()]
    if missing:
        raise ProjectError(
            f"The stage {stage.name} did not write {', '.join(missing)}",
            where=f"`{stage.command}`",
            todo="Correct its list of results in dvc.yaml.",
        )
