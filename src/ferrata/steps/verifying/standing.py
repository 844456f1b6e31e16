"""What is here and not there: changes that are not committed, commits that are not pushed, dependencies that Git does not have."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.programs import git
from ferrata.records.project import Stage, is_within, overlap, results_of
from ferrata.records.verification import Obstacle, Origin
from ferrata.steps.verifying.copy import Copy
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.store.pipelines.sources import find_sources
from ferrata.store.running.engine import Engine
from ferrata.store.running.plan import perform_nothing
from ferrata.world import process

_MOST = 20
_OWN = (".ferrata/runs/", ".ferrata/logs/", "evidence/verify.")
_OF_EVERY_PROJECT = ("dvc.yaml", "dvc.lock", "pyproject.toml", "uv.lock", ".python-version", ".dvc/config", ".dvcignore")
_STALE = ("command", "dependency", "parameter", "never", "new")


def uncommitted(project: Path) -> list[Obstacle]:
    """Files of the pipeline that differ from the last commit, or that Git does not know."""
    used = _used(project)
    changed = [(mark, path) for mark, path in _status(project) if not path.startswith(_OWN)]
    ours = [(mark, path) for mark, path in changed if _is_used(path, used)]
    found = [_uncommitted(mark, path) for mark, path in ours[:_MOST]]
    if len(ours) > _MOST:
        what = f"{len(ours) - _MOST} more files of the pipeline are not committed"
        found.append(Obstacle("uncommitted", what, "git status", "git add --all && git commit"))
    return found


def _uncommitted(mark: str, path: str) -> Obstacle:
    what = f"{path} is not in Git" if mark == "??" else f"{path} is gone here and not in Git" if "D" in mark else f"{path} was changed and not committed"
    return Obstacle("uncommitted", what, path, f"git add {shlex.quote(path)} && git commit; without it what was verified is the last commit")


def _status(project: Path) -> Iterator[tuple[str, str]]:
    """(two letters, path relative to the project); a rename's old name comes after its new one."""
    top = process.run(git.top(project)).output.strip()
    entries = iter(process.run(git.status(project)).output.split("\0"))
    for entry in entries:
        if entry:
            if entry[0] in "RC":
                next(entries, "")
            path = os.path.relpath(Path(top) / entry[3:], project.resolve())
            if not path.startswith(".."):
                yield entry[:2], path


def _used(project: Path) -> set[str]:
    try:
        stages = read_pipeline(project)
    except ProjectError:
        return set(_OF_EVERY_PROJECT)
    named = {stage.place(path) for stage in stages for path in (*stage.deps, *stage.kept, *stage.metrics, *(file.path for file in stage.sources))}
    return {*_OF_EVERY_PROJECT, *named}


def _is_used(path: str, used: Iterable[str]) -> bool:
    return path.endswith((".py", ".dvc")) or any(is_within(path, place) for place in used)


def unpushed(origin: Origin) -> list[Obstacle]:
    if origin.kind == "local":
        if origin.root is not None and process.run(git.remote_branches_with(origin.root, origin.commit)).output.strip():
            return []
        what = "The branch is pushed nowhere: what was verified is the commit in this repository"
        return [Obstacle("not-pushed", what, "git branch -vv", "Push it: git push --set-upstream REMOTE BRANCH.")]
    if origin.kind != "upstream" or origin.is_head or origin.root is None:
        return []
    outcome = process.run(git.count(origin.root, origin.commit, origin.head))
    ahead = int(outcome.output) if outcome.status == 0 else 0
    if not ahead:
        what = "What is pushed is newer than what is here: somebody else has pushed since"
        return [Obstacle("behind", what, origin.branch, "Get it: git pull.", False)]
    what = f"{ahead} {'commit is' if ahead == 1 else 'commits are'} not pushed: what was verified is {origin.commit[:10]}, without them"
    return [Obstacle("not-pushed", what, origin.branch, "Push: git push; then verify again.")]


def lacking_dependencies(copy: Copy, stages: Sequence[Stage], project: Path | None) -> list[Obstacle]:
    """What a stage reads that no stage writes, no remote brings and Git does not have."""
    written = results_of(stages)
    tracked = {source.place for source in find_sources(copy.project, stages)}
    found = {}
    for stage in stages:
        for place in (*map(stage.place, stage.deps), *(stage.place(file.path) for file in stage.sources)):
            is_made = any(overlap(place, other) for other in written | tracked)
            if not is_made and not (copy.project / place).exists():
                found[place] = absent_file(place, f"the stage {stage.name} reads it", project)
    return list(found.values())


def absent_file(place: str, why: str, project: Path | None) -> Obstacle:
    """A file that is not in the clone, and whether it is here."""
    if project is None or not (project / place).exists():
        return Obstacle("missing-file", f"{place} is not there: {why}", place, "Commit it, or track it: ferrata data add PATH.")
    outcome = process.run(git.ignored(project, [place]))
    how = "Git ignores it" if outcome.status == 0 else "it is not committed"
    todo = f"Track it (ferrata data add {shlex.quote(place)}, then ferrata push), or commit it (git add --force {shlex.quote(place)})."
    return Obstacle("missing-file", f"{place} is in your folder, but {how}, and {why}", place, todo)


def stale_lock(copy: Copy, stages: Sequence[Stage]) -> list[Obstacle]:
    """Where the recorded results were made from something else than what is committed."""
    engine = Engine(copy.project, perform_nothing)
    found = []
    for stage in stages:
        changes = engine.reasons(stage)
        if not changes:
            engine.expect(stage)
        told = [str(change) for change in changes if change.kind in _STALE and (change.kind != "dependency" or (copy.project / change.name).exists())]
        if told and not stage.is_frozen:
            what = f"The recorded results of {stage.name} were made from something else: {'; '.join(told)}"
            found.append(Obstacle("stale-results", what, "dvc.lock", "Run the pipeline and commit what it gives: ferrata run.", False))
    return found
