"""The import that a name stands for by convention, for notebooks whose importing cell is gone."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


def usual_import(name: str) -> str:
    """`np` → "import numpy as np", `accuracy_score` → "from sklearn.metrics import accuracy_score"; "" where nothing is usual."""
    return _statements().get(name, "")


@cache
def _statements() -> dict[str, str]:
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    named = {name: f"from {module} import {name}" for module, names in data["names"].items() for name in names}
    return {**named, **data["statements"]}
