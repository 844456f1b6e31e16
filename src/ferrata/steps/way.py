"""The way in which a project is run: files, packages and variables, as they are just before its stages start."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import ProgramMissing
from ferrata.programs import git
from ferrata.records.project import Stage, is_within, results_of
from ferrata.store import cache
from ferrata.store.pipelines.sources import find_sources
from ferrata.world import process
from ferrata.world.machine import listing_of, packages_in, variables_of

_LARGEST = 1 << 24  # bytes of a file that is kept with a run
_MOST_NAMES = 10_000
_OWN = (".ferrata/", ".dvc/tmp/", ".dvc/cache/", ".venv/", "evidence/", "notebooks/")
_PASSED_OVER = frozenset({"dvc.lock"})


def way_of(project: Path, stages: Sequence[Stage], environment: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    """{files, packages, variables, named, listings}; the files go to the cache, so that the run can be looked at later."""
    files = list(given_files(project, stages))
    md5s = cache.keep(project, [project / path for path in files])
    return {"files": dict(zip(files, md5s, strict=True)), **facts_of(project, stages, environment, environ)}


def facts_of(project: Path, stages: Sequence[Stage], environment: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    """The same without the files; nothing is written."""
    named = sorted({name for stage in stages for name in stage.variables})
    return {
        "packages": packages_in(environment) if environment else {}, "variables": known_variables(stages, environ),
        "named": {name: _digest(environ.get(name)) for name in named}, "listings": listings(project, stages),
    }  # fmt: skip


def known_variables(stages: Sequence[Stage], environ: Mapping[str, str]) -> dict[str, str | None]:
    """A stage gets PYTHONHASHSEED only where it names it; a value that no stage gets is not the run's."""
    named = {name for stage in stages for name in (*stage.variables, *stage.passed)}
    passed = {name: value for name, value in environ.items() if name in named or name not in ("PYTHONHASHSEED", "NPY_DISABLE_CPU_FEATURES")}
    return variables_of(passed)


def given_files(project: Path, stages: Sequence[Stage]) -> Iterator[str]:
    """What the project has that no stage writes and no `.dvc` file tracks, and that is small enough to keep."""
    made = {*results_of(stages), *(source.place for source in find_sources(project, stages))}
    for path in sorted(project_files(project)):
        is_left_out = path in _PASSED_OVER or path.startswith(_OWN) or any(is_within(path, place) for place in made)
        place = project / path
        if not is_left_out and place.is_file() and place.stat().st_size <= _LARGEST:
            yield path


def project_files(project: Path) -> set[str]:
    """In Git or new, and not ignored; without Git everything but hidden folders."""
    try:
        outcome = process.run(git.listed_with_new(project))
    except ProgramMissing:
        outcome = None
    if outcome is not None and outcome.status == 0:
        return {path for path in outcome.output.split("\0") if path}
    found = (path.relative_to(project) for path in project.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if not any(part.startswith(".") or part == "__pycache__" for part in path.parts)}


def listings(project: Path, stages: Sequence[Stage]) -> dict[str, list[int]]:
    """The order of names in the folders that stages read, and in those below them; of few folders, not of thousands."""
    read = {stage.place(path) for stage in stages for path in stage.deps if (project / stage.place(path)).is_dir()} - results_of(stages)
    found: dict[str, list[int]] = {}
    for top in sorted(read):
        for folder, _, _ in os.walk(project / top):
            if sum(map(len, found.values())) > _MOST_NAMES:
                return found
            found[Path(folder).relative_to(project).as_posix()] = listing_of(Path(folder))
    return found


def _digest(value: str | None) -> str | None:
    return None if value is None else hashlib.sha256(value.encode()).hexdigest()
