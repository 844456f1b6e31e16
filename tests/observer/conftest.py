"""Run statements under the observer and look at what it wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ferrata.observer

OBSERVER = Path(ferrata.observer.__file__).parent


@dataclass(frozen=True)
class Observed:
    """`events` as written; `statements` the statement events in order; `status` of the process."""

    events: list[dict[str, Any]]
    status: int
    folder: Path
    error_output: str

    @property
    def statements(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == "statement"]

    @property
    def error(self) -> dict[str, Any] | None:
        return next((event for event in self.events if event["event"] == "error"), None)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.statements[index]

    def value(self, index: int, name: str) -> dict[str, Any]:
        return next(value for value in self[index]["values"] if value["name"] == name)


class Observer:
    """`observer("a = 1", "a", …)`: every argument is a cell; a list is a cell of several statements."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder, self.python, self._count = folder, python, 0

    def __call__(self, *cells: str | Sequence[str], timeout: float | None = 120, **options: Any) -> Observed:
        self._count += 1
        root = self.folder / f"run{self._count}"
        (root / "work").mkdir(parents=True)
        return self.run(root, self.job(root, cells) | options, timeout)

    def job(self, root: Path, cells: Sequence[str | Sequence[str]]) -> dict[str, Any]:
        job: dict[str, Any] = {
            "cells": [],
            "trace": str(root / "trace.jsonl"),
            "arrays": str(root / "arrays"),
            "root": str(root / "work"),
            "cwd": str(root / "work"),
            "seed": None,
        }
        index = 0
        for number, cell in enumerate(cells, 1):
            statements, line = [], 1
            for source in [cell] if isinstance(cell, str) else cell:
                statements.append({"index": index, "line": line, "column": 0, "source": source})
                index, line = index + 1, line + source.count("\n") + 1
            job["cells"].append({"number": number, "statements": statements})
        return job

    def run(self, root: Path, job: dict[str, Any], timeout: float | None) -> Observed:
        path = root / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        variables = {
            "HOME": str(root / "work"),
            "MPLCONFIGDIR": str(self.folder / "matplotlib"),
            "MPLBACKEND": "Agg",
            "PYTHONUTF8": "1",
            "PYTHONHASHSEED": "0",
            "TMPDIR": str(root),
            "PATH": "/usr/bin:/bin",
        }
        done = subprocess.run(
            [self.python, str(OBSERVER), str(path)],
            env=variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Observed(events_in(Path(job["trace"])), done.returncode, root, done.stderr)


def events_in(trace: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def observer(tmp_path: Path) -> Observer:
    """Runs on this interpreter, without any library."""
    return Observer(tmp_path, sys.executable)


@pytest.fixture
def networks(tmp_path: Path, network_python: Path) -> Observer:
    """Runs where torch, tensorflow and keras are installed."""
    return Observer(tmp_path, str(network_python))


@pytest.fixture
def science(tmp_path: Path, science_python: Path) -> Observer:
    """Runs where numpy, pandas, scikit-learn and matplotlib are installed."""
    return Observer(tmp_path, str(science_python))
