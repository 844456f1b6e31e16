"""The packages of a notebook's time: nobody recorded them, its date says which there were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ferrata.errors import FerrataError
from ferrata.programs import uv
from ferrata.records.command import Command, Outcome
from ferrata.records.side import Side
from ferrata.steps.explaining.environments import direct_names, pins_in
from ferrata.steps.read import read
from ferrata.steps.settle.age import RELEASED, estimate, saved_versions
from ferrata.steps.settle.distributions import canonical, known
from ferrata.steps.settle.imports import needs
from ferrata.world import process

# By then the usual libraries had wheels for a new Python.
_SETTLED = timedelta(days=150)
# Which types it trusts is written into the project's code, for its own version.
_OF_THE_PROJECT = frozenset({"skops"})


@dataclass(frozen=True)
class Then:
    """`packages` are all that a trial has, `words` say which time that is."""

    packages: dict[str, str]
    words: str


def packages_then(notebook: Path, here: Side, folder: Path) -> Then | None:
    """None where nothing tells the date, or uv finds no such packages for the Python that is here. What nothing of that asks for stays."""
    try:
        found = read(notebook, skip_broken=True)
    except FerrataError:
        return None
    when, told = estimate(found, date.today(), _no_history)
    minor = (3, int(here.python.split(".")[1])) if here.python.count(".") >= 1 else (0, 0)
    if when is None or minor not in RELEASED:
        return None
    earliest = RELEASED[minor] + _SETTLED
    # A version of Python says only that the notebook is not older: the packages that lie furthest from today's are those that show a difference.
    limit = earliest if told.startswith("its Python") else max(when, earliest)
    versions = saved_versions(found)
    # What the project needs for its files too: compiled packages of today do not work with a NumPy of then.
    imported = {canonical(name) for each in needs(found).modules if (name := known().find(each.module))}
    names = (imported | (direct_names(here.tree) - _OF_THE_PROJECT if here.tree else frozenset())) & set(here.packages)
    lines = [f"{name}=={versions[name]}" if name in versions else name for name in sorted(names)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "then.in").write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = process.run(uv.compiled(folder / "then.in", python=".".join(map(str, minor)), before=limit.isoformat()))
    if outcome.status != 0 or not lines:
        return None
    oldest = f", the oldest that Python {minor[0]}.{minor[1]} has," if limit == earliest else ""
    words = f"its packages are not recorded; those of {limit}{oldest} are tried"
    return Then({**here.packages, **pins_in(outcome.output, here.python)}, words)


def _no_history(command: Command) -> Outcome:
    """In a project the notebook was committed when it was adopted, which tells nothing."""
    return Outcome(command, 1, "", "", 0.0)
