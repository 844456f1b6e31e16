"""Make an environment: resolve, install, and relax step by step what cannot be had."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from ferrata.errors import EnvironmentFailed
from ferrata.programs import uv
from ferrata.records.command import Command, Outcome
from ferrata.records.environment import Environment, EnvironmentSpec, Requirement
from ferrata.steps.settle.distributions import canonical
from ferrata.steps.settle.manifest import PLATFORMS, manifest
from ferrata.steps.settle.resolver import Refusal, read
from ferrata.world import process

Run = Callable[[Command], Outcome]
Say = Callable[[str], None]


def _silence(_: str) -> None:
    return None


def settle(spec: EnvironmentSpec, folder: Path, on_progress: Say = _silence, *, run: Run = process.run, seconds: float = 1800.0) -> Environment:
    """Make the environment in `folder` (pyproject.toml, uv.lock, .venv); the folder is created when missing.

    Raises EnvironmentFailed with the resolver's own reason when every relaxation fails, or after `seconds`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    attempt = _Attempt(spec, folder, run, on_progress, time.monotonic() + seconds)
    settled = attempt.first_that_locks_and_installs()
    return _environment(settled, folder, run)


def clone(environment_folder: Path, target: Path, *, run: Run = process.run) -> None:
    """Bring a settled environment's pyproject.toml, uv.lock and .python-version to a project; `uv sync --locked` is clean there.

    Raises EnvironmentFailed when the lock is not up to date in its new place.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name in ("pyproject.toml", "uv.lock", ".python-version"):
        shutil.copyfile(environment_folder / name, target / name)
    outcome = run(uv.lock(target, check=True))
    if outcome.status != 0:
        raise EnvironmentFailed("The lock is not valid in the project", where=str(target / "uv.lock"), todo=read(outcome.error, ()).sentence)


def export_requirements(folder: Path) -> Command:
    """The command that writes requirements.txt with hashes beside the lock."""
    return uv.export(folder)


@dataclass
class _Attempt:
    spec: EnvironmentSpec
    folder: Path
    run: Run
    say: Say
    deadline: float

    def first_that_locks_and_installs(self) -> EnvironmentSpec:
        first: Refusal | None = None
        queue = [self.spec]
        tried: set[str] = set()
        while queue:
            spec = queue.pop(0)
            terms = manifest(spec) + " ".join(spec.wheels_only)
            refusal = self._make(spec) if terms not in tried else None
            if terms in tried:
                continue
            if refusal is None:
                return replace(spec, notes=(*spec.notes, *self._platform_note))
            tried.add(terms)
            first = first or refusal
            if refusal.kind == "network" or time.monotonic() > self.deadline:
                raise self._error(refusal)
            queue = [*_direct_relaxations(spec, refusal), *(queue or _relaxations(spec))]
        assert first is not None
        raise self._error(first)

    _platform_note: tuple[str, ...] = ()

    def _make(self, spec: EnvironmentSpec) -> Refusal | None:
        """None when it is made. The lock holds for all systems if it can."""
        for platforms in (tuple(PLATFORMS), (_this_platform(),)):
            self.say(f"resolving {len(spec.requirements)} packages for Python {spec.python_version}, {spec.name}")
            refusal = self._lock(spec, platforms)
            if refusal is None:
                self._platform_note = (
                    () if len(platforms) > 1 else (f"the lock holds for {platforms[0]} only: the packages do not resolve on other systems",)
                )
                return self._sync(spec)
            if refusal.kind in ("network", "missing"):
                return refusal
        return refusal

    def _lock(self, spec: EnvironmentSpec, platforms: tuple[str, ...]) -> Refusal | None:
        (self.folder / "pyproject.toml").write_text(manifest(spec, platforms=platforms), encoding="utf-8")
        (self.folder / ".python-version").write_text(".".join(spec.python_version.split(".")[:2]) + "\n", encoding="utf-8")
        (self.folder / "uv.lock").unlink(missing_ok=True)
        command = uv.lock(self.folder, python=spec.python, timeout=self._left(uv.LOCK_SECONDS))
        return self._refusal(self.run(uv.without_building(command, spec.wheels_only)), spec)

    def _sync(self, spec: EnvironmentSpec) -> Refusal | None:
        self.say(f"installing {spec.name}")
        command = uv.sync(self.folder, python=spec.python, timeout=self._left(uv.SYNC_SECONDS))
        return self._refusal(self.run(uv.without_building(command, spec.wheels_only)), spec)

    def _refusal(self, outcome: Outcome, spec: EnvironmentSpec) -> Refusal | None:
        if outcome.timed_out:
            return Refusal(f"uv was not done after {outcome.seconds:.0f} s", "", "conflict")
        return None if outcome.status == 0 else read(outcome.error, spec.requirements)

    def _left(self, most: float) -> float:
        return max(1.0, min(most, self.deadline - time.monotonic()))

    def _error(self, refusal: Refusal) -> EnvironmentFailed:
        todo = "Name versions that exist in a requirements.txt beside the notebook, or choose another Python with --python."
        if refusal.kind == "network":
            todo = "Check the network and run the command again."
        culprit = next((one for one in self.spec.requirements if refusal.distribution and _is_about(one, refusal.distribution)), None)
        return EnvironmentFailed(
            f"No environment {self.spec.name}: {refusal.sentence}", where=_where(culprit) if culprit else self.spec.source, todo=todo
        )


def _where(requirement: Requirement) -> str:
    place = {"install": "an install line of the notebook", "file": "the requirements beside the notebook", "ferrata": "Ferrata's file formats"}
    origin = f"cell {requirement.cell}" if requirement.cell else place.get(requirement.origin, "the notebook's code")
    return f"{requirement.specifier.partition(' ;')[0]} (from {origin})"


def _direct_relaxations(spec: EnvironmentSpec, refusal: Refusal) -> list[EnvironmentSpec]:
    """What the refusal itself suggests: leave out a distribution that does not exist, never build one that can't be built."""
    name = refusal.distribution
    if refusal.kind == "build" and name not in spec.wheels_only:
        return [replace(spec, wheels_only=(*spec.wheels_only, name))]
    kept = tuple(one for one in spec.requirements if not _is_about(one, name))
    if refusal.kind in ("missing", "build") and len(kept) < len(spec.requirements):
        return [replace(spec, requirements=kept, notes=(*spec.notes, f"{name} was left out: {refusal.sentence}"))]
    return []


def _is_about(requirement: Requirement, name: str) -> bool:
    from packaging.requirements import Requirement as Line

    return canonical(Line(requirement.specifier).name) == name


def _relaxations(spec: EnvironmentSpec) -> Iterator[EnvironmentSpec]:
    """Other terms for the same notebook, nearest first."""
    if spec.constraints:
        yield replace(spec, constraints=(), notes=(*spec.notes, "the exact versions it names do not resolve together; they were not kept"))
    if spec.exclude_newer:
        plain = replace(spec, constraints=())
        for years in (1, -1, 2):
            yield _moved(plain, years)
    for version, path in spec.fallbacks:
        note = f"Python {version}: nothing resolves on {spec.python_version}"
        yield replace(spec, python=path, python_version=version, fallbacks=(), notes=(*spec.notes, note))


def _moved(spec: EnvironmentSpec, years: int) -> EnvironmentSpec:
    before = date.fromisoformat(spec.exclude_newer[:10])
    moved = before + timedelta(days=365 * years)
    note = f"packages from before {before} do not resolve; these are from before {moved}"
    return replace(spec, name=f"of its time (before {moved})", exclude_newer=f"{moved}T00:00:00Z", notes=(*spec.notes, note))


def _this_platform() -> str:
    return "win32" if os.name == "nt" else "darwin" if sys.platform == "darwin" else "linux"


def _environment(spec: EnvironmentSpec, folder: Path, run: Run) -> Environment:
    python = folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    rows = json.loads(run(uv.pip_list(python)).output or "[]")
    packages = tuple(sorted((canonical(row["name"]), str(row["version"])) for row in rows))
    return Environment(
        name=spec.name,
        folder=folder,
        python=python,
        python_version=spec.python_version,
        requirements=spec.requirements,
        packages=packages,
        local_modules=spec.local_modules,
        exclude_newer=spec.exclude_newer,
        notes=spec.notes,
    )
