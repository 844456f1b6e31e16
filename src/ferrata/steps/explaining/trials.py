"""Trials: the stages run in a copy, with some differences swapped in; each combination once, within the budget."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ferrata.errors import FerrataError
from ferrata.records.explanation import Difference
from ferrata.records.project import Stage, results_of
from ferrata.records.side import Side, named_scores
from ferrata.steps.explaining.environments import Environments
from ferrata.steps.explaining.factors import swap
from ferrata.steps.explaining.setup import CannotSwap, Conditions, Obtained, Setup
from ferrata.store.hashing import digest
from ferrata.store.pipelines.graph import in_order
from ferrata.store.pipelines.metrics import read_scores
from ferrata.store.pipelines.pipeline import read_pipeline, top_metrics
from ferrata.store.running.runner import stage_commands
from ferrata.world.commands import Runner, shell, stage_environment
from ferrata.world.disk import remove_tree

SHIMS = Path(__file__).resolve().parents[2] / "observer" / "trial"
PLAIN = Conditions()
TIME = "the time that was given is used up"
_TRACE = "trace.jsonl"
_LONGER, _SHORTEST = 10, 60.0  # a stage is ended after so many times the first run, and after so many seconds at least
_LEFT_OUT = ("__pycache__", ".venv", ".git")


class OverBudget(Exception):
    """The time that was given is used up."""


@dataclass
class Budget:
    """Minutes as a moment of the monotonic clock."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        return self.started + self.seconds - time.monotonic()


@dataclass
class Trials:
    """`name` is the folder's; `skipped` are stages that are cleared: their results are those of the first run, kept in `folder/first`.
    `digits` are the decimals of scores of which only so many are known.
    """

    folder: Path
    name: str
    here: Side
    there: Side
    environments: Environments
    budget: Budget
    on_line: Callable[[str], None]
    skipped: frozenset[str] = frozenset()
    digits: Mapping[str, int] = field(default_factory=dict)
    count: int = 0
    _known: dict[tuple[frozenset[Any], Conditions], Obtained] = field(default_factory=dict)
    _slowest: float = 0.0
    _limit: float = math.inf

    def run(self, chosen: Iterable[Difference] = (), conditions: Conditions = PLAIN, *, again: int = 0) -> Obtained:
        """OverBudget where it could not end in time. `again` numbers repeated runs of the same."""
        chosen = tuple(chosen)
        key = (frozenset([*((each.factor, each.name, repr(each.payload)) for each in chosen), again]), conditions)
        if key not in self._known:
            if self.budget.left <= self._slowest:
                raise OverBudget
            self._known[key] = self._run(chosen, conditions)
            self._slowest = max(self._slowest, min(self._known[key].seconds, 120.0))
            self.count += 1
            if self.count == 1:
                self._limit = max(_SHORTEST, _LONGER * self._known[key].seconds)
        return self._known[key]

    def _run(self, chosen: Sequence[Difference], conditions: Conditions) -> Obtained:
        started = time.monotonic()
        setup = self._setup(conditions)
        try:
            swap(setup, chosen)
            python = self.environments.python_for(setup.packages, setup.python)
            return replace(self._stages_run(setup, python), seconds=time.monotonic() - started)
        except CannotSwap as error:
            return Obtained(failed=str(error), seconds=time.monotonic() - started)

    def _setup(self, conditions: Conditions) -> Setup:
        folder = self.copy(conditions.place)
        own = dict(self.here.variables or {}) if self.here.kind != "tree" else {}
        listed = {"listings": {folder: tuple(order) for folder, order in self.here.listings.items()}} if self.here.listings else {}
        variables, shims = {**own, **dict(conditions.variables)}, {**listed, **dict(conditions.shims)}
        return Setup(folder, self.here, self.there, dict(self.here.packages), self.here.python, variables, shims)

    def copy(self, place: str) -> Path:
        """The files of the base, anew."""
        assert self.here.tree is not None
        folder = self._work(place)
        if folder.exists():
            remove_tree(folder)
        shutil.copytree(self.here.tree, folder, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        return folder

    def _work(self, place: str) -> Path:
        """Called as the project's own folder is, unless another place is asked for."""
        return self.folder / "work" / (self.name if place == PLAIN.place else place)

    def _stages_run(self, setup: Setup, python: Path | None) -> Obtained:
        try:
            stages = in_order(read_pipeline(setup.folder))
        except FerrataError as error:
            return Obtained(failed=error.what)
        trace = self.folder / _TRACE
        trace.unlink(missing_ok=True)
        for stage in stages:
            if failed := self._stage_run(setup, stage, python, trace):
                return Obtained(failed=failed, trace=_read_trace(trace))
        return self._obtained(setup.folder, stages, trace)

    def _stage_run(self, setup: Setup, stage: Stage, python: Path | None, trace: Path) -> str:
        """Why it failed, "" where it did not."""
        places = [stage.place(path) for path in stage.results]
        if stage.name in self.skipped or stage.is_frozen:
            source = self.folder / "first" if stage.name in self.skipped else self.folder / "frozen"
            return "" if all(_copied(source / place, setup.folder / place) for place in places) else f"the results of {stage.name} are not at hand"
        for place in places:
            if not any(place == stage.place(path) for path in stage.persistent):
                _remove(setup.folder / place)
            (setup.folder / place).parent.mkdir(parents=True, exist_ok=True)
        variables = self._variables(setup, stage, trace) | ({"PYTHONDONTWRITEBYTECODE": "1"} if self.environments.is_own(python) else {})
        commands = stage_commands(setup.folder, stage, python=python, environment=variables, shell=shell(os.environ))
        runner = Runner(mark=str(self.folder))
        with _ended_after(runner, min(self.budget.left, self._limit)):
            try:
                ended = runner.run(commands, self.folder / "logs" / "stage.log", lambda line: None)
            except FerrataError as error:
                return error.what
        if self.budget.left <= 0:
            raise OverBudget
        if ended.seconds >= self._limit:
            return f"{stage.name} takes much longer than without it"
        if ended.status != 0:
            last = next((line.strip() for line in reversed(ended.lines) if line.strip()), f"status {ended.status}")
            return f"{stage.name} fails: {last[:200]}"
        missing = [place for place in places if not (setup.folder / place).exists()]
        return f"{stage.name} does not write {', '.join(missing)}" if missing else ""

    def _variables(self, setup: Setup, stage: Stage, trace: Path) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        found = stage_environment(os.environ, (*stage.variables, *stage.passed))
        found |= {
            "DVC_ROOT": str(setup.folder), "DVC_STAGE": stage.name, "TMPDIR": str(temporary),
            "UV_NO_SYNC": "1", "FERRATA_TRIAL": json.dumps({**setup.shims, "project": str(setup.folder), "trace_file": str(trace)}),
        }  # fmt: skip
        sources = [str(place) for place in (setup.folder / "src", setup.folder)] if self._is_editable() else []
        shims = [str(SHIMS)] if setup.shims else []
        if shims or sources:
            found["PYTHONPATH"] = os.pathsep.join([*shims, *sources])
        for name, value in setup.variables.items():
            found.pop(name, None)
            if value is not None:
                found[name] = value
        return found

    def _is_editable(self) -> bool:
        """Whether the environment finds the project's own modules in the author's folder; the copy's go first then."""
        own = self.environments.own
        return own is not None and any('"editable"' in path.read_text(errors="replace") for path in own.glob("lib/python3*/site-packages/*/direct_url.json"))

    def _obtained(self, folder: Path, stages: Sequence[Stage], trace: Path) -> Obtained:
        scores = read_scores(folder, stages, top_metrics(folder))
        places = sorted(results_of(stages) - {place for stage in stages for place in map(stage.place, stage.metrics)})
        digests = {place: digest(folder / place).md5 for place in places if (folder / place).exists()}
        return Obtained(self.shown(named_scores(scores)), digests, trace=_read_trace(trace))

    def shown(self, scores: Mapping[str, Any]) -> dict[str, Any]:
        """To the decimals of which the other side is known."""
        return {name: round(value, self.digits[name]) if name in self.digits else value for name, value in scores.items()}

    @property
    def python(self) -> Path | None:
        """The interpreter of the base."""
        return self.environments.python_for(self.here.packages, self.here.python)

    def pinned(self) -> Conditions:
        """One hash seed for all trials, where the run has none of its own: what differs then is not that one."""
        is_set = bool((self.here.variables or {}).get("PYTHONHASHSEED"))
        return PLAIN if is_set else Conditions((("PYTHONHASHSEED", "0"),))

    def keep_first(self, place: str = PLAIN.place) -> None:
        """The results of the last run become those that cleared stages have."""
        target = self.folder / "first"
        if target.exists():
            remove_tree(target)
        os.rename(self._work(place), target)


def _read_trace(path: Path) -> tuple[dict[str, Any], ...]:
    if not path.is_file():
        return ()
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return tuple(found)


def _copied(source: Path, target: Path) -> bool:
    if not source.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove(target)
    shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _ended_after(runner: Runner, seconds: float) -> Any:
    timer = threading.Timer(max(seconds, 0.1), runner.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BaseException:
        runner.cancel()
        raise
    finally:
        timer.cancel()


