"""Examine this machine: what is here, what is missing for which step, and how to get it.

programs.py   Python, uv, git, containers
machine.py    processor, memory, disk, accelerator
project.py    what this project asks for on top: its Python, its environment, its remotes
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ferrata.records.health import Check
from ferrata.steps.examining.machine import machine_checks
from ferrata.steps.examining.programs import program_checks
from ferrata.steps.examining.project import project_checks

__all__ = ["examine", "project_checks"]


def examine(folder: Path, project: Path | None) -> Iterator[Check]:
    """`folder` is where work would be done; without a project nothing is said of one."""
    yield from program_checks()
    yield from machine_checks(project or folder)
    if project is not None:
        yield from project_checks(project)
