"""The service of a project, as a command of its own environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ferrata.records.command import Command


def run_service(project: Path, *, host: str, port: int, settings: Mapping[str, str] | None = None) -> Command:
    """`settings` are laid over the SERVICE_ variables of this shell."""
    given = {name: value for name, value in os.environ.items() if name.startswith("SERVICE_")}
    arguments = (_python(project), "-m", "service", "--host", host, "--port", str(port))
    return Command(arguments, project, {**given, **(settings or {}), "PYTHONUNBUFFERED": "1"}, "Serving")


def identity(project: Path) -> Command:
    """What would answer, as JSON on standard output: the commit, and hashes of data, model, code, lock and service."""
    return Command((_python(project), "-m", "service", "version"), project, {}, "Looking at the model", 120)


def _python(project: Path) -> str:
    return str(project / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
