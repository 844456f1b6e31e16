"""Fixtures for tests of every layer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCIENCE = ("numpy", "pandas", "scikit-learn", "matplotlib", "pyarrow", "skops", "joblib")


@pytest.fixture(scope="session")
def science_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter with the usual libraries, made once and kept in pytest's cache."""
    folder = Path(request.config.cache.mkdir("science"))
    python, mark = folder / "env" / "bin" / "python", folder / "installed"
    if not mark.exists() or mark.read_text(encoding="utf-8") != " ".join(SCIENCE) or not python.exists():
        shutil.rmtree(folder / "env", ignore_errors=True)
        subprocess.run(["uv", "venv", "-q", "--python", sys.executable, str(folder / "env")], check=True)
        subprocess.run(["uv", "pip", "install", "-q", "--python", str(python), *SCIENCE], check=True)
        mark.write_text(" ".join(SCIENCE), encoding="utf-8")
    return python
