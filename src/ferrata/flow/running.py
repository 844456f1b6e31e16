"""Get the notebook to run: environment after environment, repair after repair, until one run comes to its end.

A run that stops is mended forward first (a path, then a rewrite of a removed call); when nothing mends it, the next environment is tried; when no environment
is left, a statement that nothing the pipeline needs depends on is left out, and said.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ferrata.dataflow.idle import with_idle_changes
from ferrata.errors import EnvironmentFailed, OutsideError
from ferrata.flow.edits import by_statement
from ferrata.flow.environments import settled
from ferrata.records.current import CurrentCode
from ferrata.records.edit import Edit
from ferrata.records.environment import Environment, EnvironmentSpec
from ferrata.records.located import Download, Located, Missing
from ferrata.records.notebook import Notebook
from ferrata.records.observation import Failure, Observation, Trace
from ferrata.source.dependents import dependents
from ferrata.source.names import changed_content
from ferrata.steps.analysing.findings.witness import WitnessReport, witness
from ferrata.steps.locate import download, locate_missing, stage_inputs
from ferrata.steps.observe import observe, observer_version, recall
from ferrata.steps.repairs import compose, repair, silent_repairs
from ferrata.steps.settle import with_missing_package
from ferrata.world.disk import sha256
from ferrata.world.reporter import Reporter
from ferrata.world.workspace import Workspace, digest

SEED = 0
MOST_REPAIRS = 25
MOST_LEFT_OUT = 8
MOST_PACKAGES_ADDED = 3


@dataclass(frozen=True)
class Stop:
    """One run that did not come to its end: in which environment, where and why."""

    environment: Environment
    failure: Failure
    missing: Missing | None = None


@dataclass(frozen=True)
class Ran:
    """A run that came to its end, and what it took to get there. `left_out` maps a statement that was skipped to the failure of it, or of one it needs."""

    environment: Environment
    code: CurrentCode
    observation: Observation
    edits: tuple[Edit, ...]
    cwd: Path
    inputs: tuple[str, ...]
    witness: WitnessReport
    left_out: Mapping[int, Failure] = field(default_factory=dict)
    stops: tuple[Stop, ...] = ()


@dataclass
class Runner:
    """What every attempt needs."""

    notebook: Notebook
    located: Located
    data: tuple[Path, ...]
    workspace: Workspace
    reporter: Reporter
    timeout: float
    stops: list[Stop] = field(default_factory=list)
    refusals: list[EnvironmentFailed] = field(default_factory=list)
    failed_downloads: dict[str, tuple[Download, str]] = field(default_factory=dict)

    def environment(self, spec: EnvironmentSpec) -> Environment | None:
        """None when it cannot be made; why is kept in `refusals`."""
        try:
            return settled(spec, self.workspace.folder / "environments" / _slug(spec.name), self.reporter.detail)
        except EnvironmentFailed as error:
            self.refusals.append(error)
            self.reporter.detail(error.what)
            return None

    def run(
        self, environment: Environment, edits: Sequence[Edit], *, left_out: Mapping[int, Failure] | None = None, hash_seed: int = 0, label: str = "",
    ) -> Ran:
        """One observed run from a fresh copy of the inputs."""
        sources = current_sources(self.notebook, edits)
        kept = tuple(index for index in sources if index not in (left_out or {}))
        seen, cwd, inputs = self.observed(environment, sources, kept, hash_seed=hash_seed, label=label)
        observation = replace(seen, traces=with_idle_changes(seen.traces, lambda index: changed_content(sources[index])))
        return Ran(
            environment, CurrentCode(self.notebook, sources), observation, tuple(edits), cwd, inputs, witness(self.notebook, observation),
            dict(left_out or {}), tuple(self.stops),
        )

    def observed(
        self, environment: Environment, sources: Mapping[int, str], order: Sequence[int], *, hash_seed: int, label: str = "",
        crossings: Sequence[Mapping[str, object]] = (),
    ) -> tuple[Observation, Path, tuple[str, ...]]:
        """The observation, the folder it ran in, and what lay there before. A run that this command made before it was killed is not made again."""
        root = self.workspace.folder_for("run")
        cwd = self.stage(root)
        inputs = tuple(str(path) for path in sorted(root.rglob("*")))
        lock = (environment.folder / "uv.lock").read_bytes()
        files = [(path, sha256(Path(path))) for path in inputs if Path(path).is_file()]
        key = digest(sources, list(order), list(crossings), hash_seed, label, hashlib.sha256(lock).hexdigest(), str(cwd), files, observer_version())
        output = self.workspace.folder / "observations" / key[:24]
        known = recall(self.notebook, output, seed=SEED, hash_seed=hash_seed)
        if known is None:
            self.workspace.folder_for(f"observations/{key[:24]}")
            known = observe(
                self.notebook, environment, sources=sources, workspace=root, cwd=cwd, output=output, seed=SEED, hash_seed=hash_seed,
                answers=self.notebook.answers, timeout=self.timeout * 60, keep=order, crossings=crossings, on_progress=self._progress,
            )
        return known, cwd, inputs

    def stage(self, root: Path) -> Path:
        """A fresh copy of the inputs under `root`, downloads included; gives the folder to run in."""
        cwd = stage_inputs(self.notebook, self.located, root)
        for item in self.located.downloads:
            if item.path:
                self._downloaded(item, cwd)
        return cwd

    def _downloaded(self, item: Download, cwd: Path) -> None:
        """Each address is fetched once; every run gets a copy."""
        kept = self.workspace.folder / "downloads" / hashlib.sha256(item.url.encode()).hexdigest()[:16]
        if not kept.exists():
            self.reporter.detail(f"downloading {item.url}")
            try:
                download(replace(item, path="file"), kept.with_suffix(".part"))
            except OutsideError as error:
                self.reporter.detail(f"{item.url}: {error.what}")
                self.failed_downloads[item.path] = (item, error.what)
                return
            os.replace(kept.with_suffix(".part"), kept)
        target = cwd / item.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept / "file", target)

    def _progress(self, event: Trace | str) -> None:
        if isinstance(event, Trace):
            statement = self.notebook.statements[event.index]
            self.reporter.detail(f"cell {statement.cell} of {max(cell.number for cell in self.notebook.cells)}")

    def mended(self, environment: Environment, edits: Sequence[Edit], *, left_out: Mapping[int, Failure] | None = None) -> Ran | None:
        """Run, mend, run again; None when it stops and nothing mends it (the stop is kept)."""
        current = list(edits)
        for attempt in range(MOST_REPAIRS + 1):
            ran = self.run(environment, current, left_out=left_out)
            failure = ran.observation.failure
            if failure is None:
                return ran
            more, missing = self._mend(environment, current, failure)
            if not more or attempt == MOST_REPAIRS:
                self.stops.append(Stop(environment, failure, missing))
                return None
            current += more
            self.reporter.detail(f"cell {more[0].cell}: {more[0].rule}: {more[0].after.strip()[:60] or 'removed'}")
        return None

    def _mend(self, environment: Environment, edits: Sequence[Edit], failure: Failure) -> tuple[list[Edit], Missing | None]:
        missing = None
        if failure.filename:
            located = locate_missing(failure.filename, failure.index, self.notebook, self.located, extra=self.data)
            missing = located.missing[0] if located.missing else None
            more = [edit for edit in located.edits if edit not in self.located.edits]
            if missing is None and (more or located.inputs != self.located.inputs or located.folders != self.located.folders):
                self.located = located
                return more or list(located.edits[:1]), None
        sources = current_sources(self.notebook, edits)
        return [edit for edit in repair(sources, self.notebook, environment, failure, edits=edits) if edit not in edits], missing

    def with_silent_repairs(self, ran: Ran) -> Ran:
        """Repairs of code that runs but lies: kept only when more saved outputs come out again than without them."""
        found = silent_repairs(ran.code.sources, self.notebook, ran.environment, edits=ran.edits, warnings=_warnings(ran.observation))
        quiet = [edit for edit in found if edit not in ran.edits]
        if not quiet:
            return ran
        self.reporter.detail("trying repairs of calls that today's libraries silently ignore")
        other = self.mended(ran.environment, (*ran.edits, *quiet), left_out=ran.left_out)
        return other if other is not None and better(other.witness, ran.witness) else ran


def better(left: WitnessReport, right: WitnessReport) -> bool:
    return left.agreement > right.agreement


def _warnings(observation: Observation) -> dict[int, tuple[str, ...]]:
    return {trace.index: trace.warnings for trace in observation.traces if trace.warnings}


def current_sources(notebook: Notebook, edits: Sequence[Edit]) -> dict[int, str]:
    """Every statement's source with its edits applied."""
    edited = by_statement(edits)
    return {s.index: compose(s.source, edited.get(s.index, [])) for s in notebook.statements}


def find_run(runner: Runner, specs: Sequence[EnvironmentSpec], accept: Callable[[Ran], bool]) -> Ran | None:
    """The run in which the most saved outputs come out again; the first one that gives them all ends the search. None when none came to its end."""
    best: Ran | None = None
    for spec in specs:
        if best is not None and (spec.is_last_resort or not _is_worth_another(best, spec)):
            break
        if best is None and spec.name != "today" and _would_stop_anywhere(runner):
            continue
        runner.reporter.step(f"Run the notebook with the packages of {spec.name}" if spec.name == "today" else f"Run the notebook with packages {spec.name}")
        ran = _mended_in(runner, spec)
        if ran is None:
            continue
        ran = runner.with_silent_repairs(ran) if ran.witness.different else ran
        best = ran if best is None or better(ran.witness, best.witness) else best
        if not best.witness.different:
            break
    return best or _leaving_out(runner, accept)


def _mended_in(runner: Runner, spec: EnvironmentSpec) -> Ran | None:
    """A run in this environment, and in a wider one while a library misses a package that it did not declare."""
    for left in range(MOST_PACKAGES_ADDED, -1, -1):
        environment = runner.environment(spec)
        ran = runner.mended(environment, runner.located.edits) if environment else None
        if environment is None or ran is not None:
            return ran
        wider = with_missing_package(spec, runner.stops[-1].failure.message) if left else None
        if wider is None:
            return None
        runner.reporter.detail(wider.notes[-1])
        spec = wider
        runner.stops.pop()
    return None


def _would_stop_anywhere(runner: Runner) -> bool:
    """Other packages make nothing of what takes too long or more memory than there is, of data that is nowhere, and of a name that nothing defines."""
    if not runner.stops:
        return False
    stop = runner.stops[-1]
    is_missing = stop.missing is not None or any(stop.failure.filename.endswith(path) for path in runner.failed_downloads)
    return is_missing or stop.failure.type in ("Killed", "Timeout") or (stop.failure.type == "NameError" and not _has_star_imports(runner.notebook))


def _has_star_imports(notebook: Notebook) -> bool:
    return any("import *" in statement.source for statement in notebook.statements)


def _is_worth_another(ran: Ran, spec: EnvironmentSpec) -> bool:
    """An older environment can explain other numbers only where chance does not, and is only tried when a run is short."""
    drawn = any(trace.consumes for trace in ran.observation.traces) and not any(trace.seeds for trace in ran.observation.traces)
    return bool(ran.witness.different) and not drawn and ran.observation.seconds < 240


def _leaving_out(runner: Runner, accept: Callable[[Ran], bool]) -> Ran | None:
    """Without the statements that fail and those that need them, where what is left still gives what the pipeline is about."""
    first = next((stop for stop in runner.stops if stop.environment.name == "today"), None)
    if first is None:
        return None
    environment, left_out = first.environment, {first.failure.index: first.failure}
    while len(_roots(left_out)) <= MOST_LEFT_OUT:
        failure = next(reversed(_roots(left_out).values()))
        if failure.type in ("Killed", "Timeout"):
            return None
        left_out |= {index: failure for index in dependents(current_sources(runner.notebook, runner.located.edits), left_out) if index not in left_out}
        runner.reporter.detail(f"without the statement of cell {failure.cell} that fails, and {len(left_out) - len(_roots(left_out))} that need it")
        ran = runner.mended(environment, runner.located.edits, left_out=left_out)
        if ran is not None:
            return replace(ran, left_out=left_out) if accept(ran) else None
        if runner.stops[-1].failure.index in left_out:
            return None
        left_out[runner.stops[-1].failure.index] = runner.stops[-1].failure
    return None


def _roots(left_out: Mapping[int, Failure]) -> dict[int, Failure]:
    """Those that failed themselves."""
    return {index: failure for index, failure in left_out.items() if failure.index == index}


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name).strip("-")


