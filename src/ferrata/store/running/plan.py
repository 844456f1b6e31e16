"""The project that a folder is in, and what would become of its stages if all were brought up to date now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ferrata.records.project import Stage
from ferrata.records.run import Change, Ended, StageRun
from ferrata.store import instant
from ferrata.store.pipelines.graph import Graph
from ferrata.store.running.engine import Engine


def find_project(folder: Path) -> Path | None:
    """The nearest folder upwards that has a pipeline and is a Git repository, or one that DVC keeps without Git."""
    found = instant.find_project(str(folder.absolute()))
    return Path(found) if found else None


def plan(engine: Engine, stages: Sequence[Stage], graph: Graph) -> tuple[StageRun, ...]:
    """What would become of each stage if all were brought up to date now; `lines` are the stages it comes after, or the results to restore."""
    runs: dict[str, StageRun] = {}
    for stage in stages:
        changes = engine.reasons(stage)
        before = tuple(name for name in graph[stage.name] if name in runs and runs[name].action in ("would run", "may run"))
        if not changes:
            engine.expect(stage)
        runs[stage.name] = _planned(engine, stage, changes, before)
    return tuple(runs.values())


def _planned(engine: Engine, stage: Stage, changes: tuple[Change, ...], before: tuple[str, ...]) -> StageRun:
    if changes:
        return StageRun(stage.name, "kept" if stage.is_frozen else "would run", "; ".join(map(str, changes)), changes=changes, command=stage.command)
    if before:
        return StageRun(stage.name, "may run", f"after {', '.join(before)}", command=stage.command, lines=before)
    stale = tuple(stage.place(path) for path in engine.to_restore(stage))
    why = f"{', '.join(stale)}: from the cache" if stale else ""
    return StageRun(stage.name, "restored" if stale else "unchanged", why, command=stage.command, lines=stale)


def perform_nothing(stage: Stage) -> Ended:
    raise AssertionError("looking at a project runs nothing")
