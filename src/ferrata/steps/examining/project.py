"""What this project asks for on top: its Python, its environment, the file systems of its remotes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from ferrata.errors import FerrataError
from ferrata.programs import uv
from ferrata.records.health import Check
from ferrata.store.config import read_config
from ferrata.store.remotes.file_systems import library_of
from ferrata.world import process


def project_checks(project: Path) -> Iterator[Check]:
    yield from _python(project)
    yield from _environment(project)
    yield from _remotes(project)


def _python(project: Path) -> Iterator[Check]:
    if not (project / "pyproject.toml").is_file() and not (project / ".python-version").is_file():
        return
    outcome = process.run(uv.find_python(project))
    if outcome.status == 0:
        yield Check("the project's Python", outcome.output.strip(), "ok", "run, verify", is_required=True)
        return
    lines = outcome.error.strip().splitlines()
    wanted = _wanted(project)
    found = lines[-1].removeprefix("error: ") if lines else "not found"
    yield Check("the project's Python", found, "missing", "run, verify", f"uv python install {wanted}".rstrip(), is_required=True)


def _wanted(project: Path) -> str:
    try:
        return (project / ".python-version").read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError):
        return ""


def _environment(project: Path) -> Iterator[Check]:
    if not (project / "uv.lock").is_file():
        todo = "Describe the packages in pyproject.toml and lock them: uv lock."
        yield Check("uv.lock", "not there", "missing", "run elsewhere, verify", todo)
    elif not (project / ".venv").is_dir():
        yield Check("the project's environment", "not installed yet", "note", "run", "`ferrata run` installs it, as `uv sync` does.")
    elif process.run(uv.sync_check(project)).status == 0:
        yield Check("the project's environment", ".venv, as uv.lock says", "ok", "run")
    else:
        yield Check("the project's environment", ".venv is not what uv.lock says", "low", "run: other packages may give other numbers", "uv sync")


def _remotes(project: Path) -> Iterator[Check]:
    try:
        remotes = read_config(project).remotes
        libraries = {name: library_of(remote) for name, remote in remotes.items()}
    except FerrataError as error:
        yield Check(".dvc/config", error.what, "missing", "push, pull, verify", error.todo, is_required=True)
        return
    for name, (module, extra) in libraries.items():
        if not module or importlib.util.find_spec(module) is not None:
            yield Check(f"remote {name}", f"{module} is installed" if module else "a folder", "ok", "push, pull, verify")
        else:
            todo = f"pip install 'ferrata[{extra}]'"
            yield Check(f"remote {name}", f"{module} is not installed", "missing", "push, pull, verify", todo, is_required=True)
    if not remotes and next(project.rglob("*.dvc"), None) is not None:
        yield Check("remote", "none", "note", "push, pull: sharing the data", "ferrata remote add URL")
