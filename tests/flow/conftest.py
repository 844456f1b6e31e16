"""Adopting from outside, as a user does: an own cache, the packages from the machine's one."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from ferrata.programs.uv import program

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@dataclass(frozen=True)
class Author:
    """A folder with a sample's files, and where its project is to go."""

    folder: Path
    notebook: Path
    target: Path
    environment: dict[str, str]

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "ferrata", "adopt", str(self.notebook), "--into", str(self.target), "--yes", "--json"]

    def digests(self) -> dict[str, str]:
        return digests(self.folder)


def digests(folder: Path, *suffixes: str) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and (not suffixes or path.suffix in suffixes))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def author_of(sample: str, folder: Path) -> Author:
    packages = subprocess.run([program(), "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "UV_CACHE_DIR": packages, "COLUMNS": "120"}
    shutil.copytree(NOTEBOOKS / sample, folder / "author", ignore=shutil.ignore_patterns("__pycache__"))
    return Author(folder / "author", folder / "author" / f"{sample}.ipynb", folder / "project", environment)


@pytest.fixture
def author(request: pytest.FixtureRequest, tmp_path: Path) -> Author:
    return author_of(request.param, tmp_path)
