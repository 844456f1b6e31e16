"""When a notebook was written: evidence, best first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from ferrata.records.command import Command, Outcome
from ferrata.records.notebook import Notebook

# First releases of CPython (python.org, PEPs 429 to 745).
RELEASED = {
    (3, 5): date(2015, 9, 13),
    (3, 6): date(2016, 12, 23),
    (3, 7): date(2018, 6, 27),
    (3, 8): date(2019, 10, 14),
    (3, 9): date(2020, 10, 5),
    (3, 10): date(2021, 10, 4),
    (3, 11): date(2022, 10, 24),
    (3, 12): date(2023, 10, 2),
    (3, 13): date(2024, 10, 7),
    (3, 14): date(2025, 10, 7),
}
# People write notebooks with a Python that has been out for a while: the middle of its life as the default of Anaconda and Colab.
TYPICAL_AGE = timedelta(days=2 * 365)
# A younger notebook was written with what is essentially today's packages.
RECENT = timedelta(days=90)


def estimate(notebook: Notebook, today: date, run: Callable[[Command], Outcome]) -> tuple[date | None, str]:
    """The notebook's date and what tells it; (None, "") when nothing does."""
    committed = _commit_date(notebook.path, run)
    if committed:
        return min(committed, today), "its last commit"
    version = _version(notebook.python_version)
    if version in RELEASED:
        middle = RELEASED[version] + TYPICAL_AGE
        return min(middle, today), f"its Python {notebook.python_version} (about two years after Python {version[0]}.{version[1]} came out)"
    modified = datetime.fromtimestamp(notebook.path.stat().st_mtime).date() if notebook.path.exists() else today
    if today - modified > timedelta(days=30):
        return modified, "the file's modification time"
    return None, ""


def saved_versions(notebook: Notebook) -> dict[str, str]:
    """Versions that the saved outputs show beside a `name.__version__` in the same cell, by the name written there."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        names = re.findall(r"\b(\w+)\.(?:__version__|version\.VERSION)", cell.python)
        text = "\n".join(output.text for output in cell.outputs if output.kind != "error")
        versions = re.findall(r"(?<![\w.])(\d+\.\d+(?:\.\d+)?)(?![\w.]*\.\d)", text)
        if names and len(names) == len(versions):
            found |= dict(zip(names, versions, strict=True))
    return found


def _commit_date(path: Path, run: Callable[[Command], Outcome]) -> date | None:
    """Author date of the last commit that changed the file; None outside a repository or when it was never committed."""
    outcome = run(Command(("git", "log", "-1", "--format=%as", "--", path.name), path.parent, why="Looking up the notebook's date", timeout=20))
    text = outcome.output.strip()
    return date.fromisoformat(text) if outcome.status == 0 and re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None


def _version(text: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
