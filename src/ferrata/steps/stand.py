"""Stand: look at a folder and tell where it is on the path; nothing is changed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ferrata.errors import ProgramMissing
from ferrata.programs import git
from ferrata.records.run import StageRun
from ferrata.records.standing import Leftover, ProofStanding, StageStanding, Standing
from ferrata.store.pipelines.graph import in_order, waits_for
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.store.pipelines.sources import find_sources
from ferrata.store.running.engine import Engine
from ferrata.store.running.plan import find_project, perform_nothing, plan
from ferrata.world import process
from ferrata.world.staging import abandoned
from ferrata.world.workspace import DAY, left_workspaces

MOST_NOTEBOOKS = 50
DEEPEST = 2  # folders below this one in which notebooks are looked for


def stand(folder: Path) -> Standing:
    """Errors: ProjectError when the project's pipeline cannot be read."""
    project = find_project(folder)
    if project is None:
        found = tuple(itertools.islice(find_notebooks(folder), MOST_NOTEBOOKS))
        return Standing(folder, notebooks=found, leftovers=_leftovers(folder))
    return Standing(folder, project, (), stage_standings(project), _proofs(project), _changed(project), _leftovers(project.parent))


def stage_standings(project: Path) -> tuple[StageStanding, ...]:
    """What would become of each stage, in the order in which they run. ProjectError for a pipeline that cannot be read or run."""
    stages = read_pipeline(project)
    data = [source.place for source in find_sources(project, stages)]
    runs = plan(Engine(project, perform_nothing), in_order(stages, data), waits_for(stages, data))
    frozen = {stage.name for stage in stages if stage.is_frozen}
    return tuple(_standing(run, run.name in frozen) for run in runs)


def _standing(run: StageRun, is_frozen: bool) -> StageStanding:
    after = run.lines if run.action == "may run" else ()
    to_restore = run.lines if run.action == "restored" else ()
    return StageStanding(run.name, run.command, run.why if run.changes and not is_frozen else "", run.changes, after, to_restore, is_frozen)


def find_notebooks(folder: Path, depth: int = DEEPEST) -> Iterator[Path]:
    """Notebooks in a folder, then in those below it, by name; hidden folders and environments are left out."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    yield from (entry for entry in entries if entry.suffix == ".ipynb" and entry.is_file() and not entry.name.startswith("."))
    for entry in entries if depth else ():
        if entry.is_dir() and not entry.is_symlink() and not _is_left_out(entry):
            yield from find_notebooks(entry, depth - 1)


def _is_left_out(folder: Path) -> bool:
    return folder.name.startswith((".", "__")) or folder.name == "node_modules" or (folder / "pyvenv.cfg").exists()


def _changed(project: Path) -> int | None:
    try:
        outcome = process.run(git.status(project))
    except ProgramMissing:
        return None
    return outcome.output.count("\0") if outcome.status == 0 else None


def _proofs(project: Path) -> tuple[ProofStanding, ...]:
    return tuple(proof for file in sorted((project / "evidence").glob("*.json")) if (proof := _proof(project, file)))


def _proof(project: Path, file: Path) -> ProofStanding | None:
    try:
        written: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(written, dict) or "level" not in written:
        return None
    subject = str(written.get("subject") or file.stem)
    ways = written.get("ways") or [{}]  # of a service, each with the same rows
    rows = written.get("rows") or ways[0].get("rows") or 0
    return ProofStanding(file.relative_to(project).as_posix(), subject, str(written["level"]), len(written.get("scores") or ()), rows)


def _leftovers(folder: Path) -> tuple[Leftover, ...]:
    workspaces = tuple(Leftover(left.folder, left.age / DAY) for left in left_workspaces())
    return workspaces + tuple(Leftover(path, age / DAY) for path, age in abandoned(folder))
