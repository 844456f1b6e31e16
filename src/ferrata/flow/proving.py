"""From an observed run to a proved project: the finest cut that can be proved, coarser ones when it can't."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ferrata.dataflow.sites import holder
from ferrata.errors import OutsideError
from ferrata.flow.crossings import formats_of, trials, trusted_types, unwritable
from ferrata.flow.deriving import Deriver
from ferrata.flow.running import SEED, Ran, Runner
from ferrata.pages.adoption import proof_page
from ferrata.pages.data import proof_data
from ferrata.pages.json import plain
from ferrata.pages.markdown import to_markdown
from ferrata.records.amount import counted
from ferrata.records.analysis import Analysis, Score
from ferrata.records.derivation import Obstacle
from ferrata.records.observation import Observation, Trace
from ferrata.records.plan import Plan
from ferrata.records.proof import Comparison, Level, Proof, RowComparison
from ferrata.records.serving import Serving
from ferrata.statistics.compare import compare, compare_runs, worst
from ferrata.steps.deliver import CommitSpec, commit
from ferrata.steps.planning.plan import PlanRequest, plan, with_formats
from ferrata.steps.prove import (
    CleanRun,
    bring_back,
    compare_run,
    failed_stage,
    obtained_scores,
    run_clean,
    run_stages,
    without_clocks,
)
from ferrata.steps.settle import clone, export_requirements
from ferrata.steps.writing.modules import Material
from ferrata.steps.writing.write import WrittenProject, write
from ferrata.store import cache
from ferrata.store.dvcfile import write_dvcfile
from ferrata.store.init import ignore, init, tracked_paths
from ferrata.world import process
from ferrata.world.disk import remove_tree

GOOD = (Level.IDENTICAL, Level.EQUAL, Level.WITHIN_NOISE)
# A notebook that reads more files than these goes through their paths.
_FEW_FILES = 5


@dataclass(frozen=True)
class Proved:
    """The staged project with its proof; `again` is the replay of the kept statements (or the whole notebook), for findings; `deriving`: the seconds that the
    prediction function took."""

    plan: Plan
    proof: Proof
    again: Observation | None
    coarser: bool
    notes: tuple[str, ...]
    serving: Serving | Obstacle | None = None
    deriving: float = 0.0


@dataclass
class Prover:
    """Tries one cut after the other in the staging folder."""

    runner: Runner
    ran: Ran
    analysis: Analysis
    request: PlanRequest
    staged: Path

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self.fresh = self.runner.workspace.folder_for("clean-environment")
        self.again: Observation | None = None
        self.repeats: list[Observation] = []
        self.has_stayed, self.stage_failed = False, False
        self.deriver = Deriver(self.runner, self.ran)
        self.serving: Serving | Obstacle | None = None
        self.deriving = 0.0

    @contextmanager
    def _derived(self) -> Iterator[Deriver]:
        started = time.monotonic()
        try:
            yield self.deriver
        finally:
            self.deriving += time.monotonic() - started

    def prove(self) -> Proved:
        """The first cut whose proof holds; the last one tried, with its differences, when none does."""
        last: tuple[Plan, Proof] | None = None
        finest = True
        for plan_ in self._plans():
            result = self._try(plan_)
            if not _holds(result):
                result = self._staying(plan_, result) or result
            if result is not None:
                last = result
                if _holds(result):
                    return Proved(*result, self.again, not finest, tuple(self.notes), self.serving, self.deriving)
                self.notes.append(f"a cut into {_words(plan_)} gives other numbers: {_first_difference(result[1])}")
            finest = False
        if last is None:
            raise OutsideError("No pipeline could be run", todo="\n".join(self.notes) or "Run the command again.")
        return Proved(*last, self.again, True, tuple(self.notes), deriving=self.deriving)

    def _staying(self, plan_: Plan, result: tuple[Plan, Proof] | None) -> tuple[Plan, Proof] | None:
        """The same cut with the data where the notebook has it, once; None where that does not hold either. Paths have another beginning under `data/`."""
        is_tried = result is not None or self.stage_failed
        if self.has_stayed or not is_tried or not self._can_stay(plan_, is_run=result is not None):
            return None
        self.has_stayed = True
        self.runner.reporter.detail("trying with the data where the notebook has it")
        stays = replace(self.request, level=plan_.level, whole=plan_.level == "script", stays=True)
        other = self._try(plan(self.ran.code, self.ran.observation, self.analysis, stays))
        return other if _holds(other) else None

    def _can_stay(self, plan_: Plan, *, is_run: bool) -> bool:
        """Whether data below the notebook has moved; where the pipeline ran, also whether the notebook goes through paths at all."""
        places = {item: os.path.relpath(item.observed, self.ran.cwd) for item in plan_.data}
        moved = [item for item, place in places.items() if place != item.path and not place.startswith("..")]
        return bool(moved) and (not is_run or len(moved) > _FEW_FILES or any(item.is_folder for item in moved))

    def _plans(self) -> Iterator[Plan]:
        """Finest first; a level that gives the same stages as the one before is left out."""
        seen: set[tuple[tuple[int, ...], ...]] = set()
        for level, whole in (("three", False), ("two", False), ("one", False), ("one", True)):
            plan_ = plan(self.ran.code, self.ran.observation, self.analysis, replace(self.request, level=level, whole=whole))
            key = tuple(stage.statements for stage in plan_.stages)
            if key not in seen:
                seen.add(key)
                yield plan_

    def _try(self, plan_: Plan) -> tuple[Plan, Proof] | None:
        """Replay the kept statements in the new order, then write, run and compare; None when it cannot be run."""
        reporter, self.stage_failed = self.runner.reporter, False
        lost = unwritable(plan_, self.ran.observation)
        if lost:
            self.notes.append(f"a cut into {_words(plan_)} does not hold: {', '.join(lost)} cannot be written to a file")
            return None
        kept = {index for stage in plan_.stages for index in stage.statements}
        reporter.step(f"Replay {len(kept)} of {len(self.ran.observation.traces)} statements as {_words(plan_)}")
        replay = self._replay(plan_)
        problem = self._problem(plan_, replay)
        if problem:
            self.notes.append(f"a cut into {_words(plan_)} does not hold: {problem}")
            reporter.done(problem)
            return None
        self.again = replay
        plan_ = with_formats(plan_, formats_of(plan_, replay))
        try:
            return self._with_prediction(plan_, replay) or self._without_prediction(plan_, replay)
        except OutsideError as error:
            self.stage_failed = True
            self.notes.append(f"{_words(plan_)}: {error.what}: {failed_stage(error)}")
            reporter.done(failed_stage(error)[:200])
            return None
        except _Unwritable as error:
            self.notes.append(f"{_words(plan_)} could not be written: {error}")
            reporter.done(str(error)[:200])
            return None

    def _replay(self, plan_: Plan) -> Observation:
        order = [index for stage in plan_.stages for index in stage.statements]
        return self.runner.observed(self.ran.environment, self.ran.code.sources, order, hash_seed=1, label="replay", crossings=trials(plan_))[0]

    def _problem(self, plan_: Plan, replay: Observation) -> str:
        """Why the replay does not stand for the notebook; "" when it does."""
        if not replay.finished and replay.failure is not None:
            said = replay.failure.message.splitlines()[0] if replay.failure.message else ""
            return f"cell {replay.failure.cell} fails without the rest: {replay.failure.type}: {said}"
        formats = formats_of(plan_, replay)
        lost = [c.name for c in plan_.crossings if c.read_by and (c.written_by, c.name) not in formats]
        if lost:
            return f"{', '.join(lost)} cannot be written to a file and read back unchanged"
        return ""

    def _with_prediction(self, plan_: Plan, replay: Observation) -> tuple[Plan, Proof] | None:
        """The project that also records what its prediction function needs; None, with `serving` saying why, where that does not come to a proof."""
        with self._derived() as deriver:
            derived = deriver.derive(plan_)
        self.serving = derived if isinstance(derived, Obstacle) else None
        if isinstance(derived, Obstacle):
            return None
        changes = sorted((*plan_.changes, *derived.changes), key=lambda change: change.text.startswith("\n"))
        marked = replace(plan_, changes=tuple(changes), frozen=derived.frozen)
        try:
            proof, clean = self._prove(marked, replay)
        except (OutsideError, _Unwritable, ValueError) as error:
            self.serving = Obstacle(self.deriver.asked.statement, f"the pipeline cannot record what the function needs: {str(error).splitlines()[0][:200]}")
            return None
        if proof.level not in GOOD:
            return None
        with self._derived() as deriver:
            self.serving = deriver.finish(marked, derived, clean)
        return (marked, proof) if isinstance(self.serving, Serving) else None

    def _without_prediction(self, plan_: Plan, replay: Observation) -> tuple[Plan, Proof]:
        """The project as it is without a function for raw rows; one that takes prepared rows where that can be proved."""
        proof, clean = self._prove(plan_, replay)
        if proof.level in GOOD and isinstance(self.serving, Obstacle):
            with self._derived() as deriver:
                self.serving = deriver.prepared(plan_, clean, self.serving)
        return plan_, proof

    def _prove(self, plan_: Plan, replay: Observation) -> tuple[Proof, CleanRun]:
        self.runner.reporter.step(f"Write and prove {_words(plan_)}")
        written = self._write(plan_, replay)
        scratch = self.runner.workspace.folder_for("clean")
        clean = run_clean(
            self.staged, written.project, scratch, self.fresh,
            observed=self.ran.environment.python.parent.parent, say=self.runner.reporter.detail,
            timeout=self.runner.timeout * 60, hash_seed=2,
        )
        proof = compare_run(plan_, clean, self.ran.observation, replay, conditions=self._conditions(), home=self.ran.cwd)
        if proof.level not in GOOD:
            proof = self._with_noise(plan_, proof, clean)
        if proof.level in GOOD or plan_.level == "script":
            bring_back(clean, written.project, self.staged)
        self.runner.reporter.done(f"{proof.level.value}, {counted(len(proof.scores), 'score')}")
        return proof, clean

    def _conditions(self) -> tuple[tuple[str, str], ...]:
        environment = self.ran.environment
        return (
            ("Python", environment.python_version), ("packages", f"{len(environment.packages)}, locked ({environment.name})"),
            ("pipeline", "clean clone, fresh environment from the lock, empty home, other hash seed"),
            ("notebook", f"run whole under observation; global generators start from seed {SEED} where it sets none"),
        )

    def _with_noise(self, plan_: Plan, proof: Proof, clean: CleanRun) -> Proof:
        """When the notebook does not agree with itself, a difference inside the spread of repeated runs of both is called that."""
        doubtful = [item for item in proof.scores if item.level is Level.DIFFERENT]
        if not doubtful or any(item.level is Level.NOT_COMPARABLE for item in proof.scores):
            return proof
        if not self.repeats:
            self.runner.reporter.detail("running the notebook again, to see whether it agrees with itself")
            self.repeats = [
                self.runner.run(self.ran.environment, self.ran.edits, left_out=self.ran.left_out, hash_seed=number, label="repeat").observation
                for number in (1, 2)
            ]
        expected = {score.name: [_values(score, run) for run in (self.ran.observation, *self.repeats)] for score in plan_.scores}
        if all(_same_runs(expected[item.name]) for item in doubtful):
            return proof
        obtained = [obtained_scores(clean)]
        for _ in self.repeats:
            obtained.append(obtained_scores(run_stages(clean, say=self.runner.reporter.detail)))
        scores = tuple(
            compare_runs(item.name, expected[item.name], [without_clocks(run.get(item.name)) for run in obtained]) if item in doubtful else item
            for item in proof.scores
        )
        rows = tuple(_noisy_rows(row, scores) for row in proof.predictions)
        return replace(proof, scores=scores, predictions=rows, level=worst([*(s.level for s in scores), *(r.level for r in rows)]))

    def _write(self, plan_: Plan, replay: Observation) -> WrittenProject:
        """Everything but the results, as commits of one practice each."""
        _empty(self.staged)
        traces = {trace.index: trace for trace in self.ran.observation.traces}
        taken = frozenset(module.stem for module in self.ran.environment.local_modules)
        written = write(Material(self.ran.code, plan_, traces, taken), trusted=trusted_types(replay, plan_))
        for path, text in written.texts.items():
            _check(path, text)
            _put(self.staged / path, text)
        for folder in _folders_written(plan_, traces):
            _put(self.staged / folder / ".gitkeep", "")
        for module in self.ran.environment.local_modules:
            _copy(module, self.staged / "src" / plan_.package / module.name)
        _copy(self.runner.notebook.path, self.staged / "notebooks" / self.runner.notebook.path.name)
        clone(self.ran.environment.folder, self.staged)
        process.run(export_requirements(self.staged), check=True)
        self._data(plan_, written)
        _commit(self.staged, plan_, self.runner.notebook.path.name)
        return written

    def _data(self, plan_: Plan, written: WrittenProject) -> None:
        init(self.staged)
        fresh = self.runner.workspace.folder_for("inputs")
        cwd = self.runner.stage(fresh)
        for item in plan_.data:
            source = Path(os.path.normpath(cwd / os.path.relpath(item.observed, self.ran.cwd)))
            _copy(source, self.staged / item.path)
            description = f"Downloaded from {item.url}" if item.url else ""
            write_dvcfile(self.staged / item.path, cache.put(self.staged, self.staged / item.path), description=description)
        ignore(self.staged, tracked_paths(written.project.stages, written.project.data))
        _put(self.staged / ".gitignore", _gitignore(self.staged / ".gitignore"))


def _holds(result: tuple[Plan, Proof] | None) -> bool:
    return result is not None and result[1].level in GOOD


class _Unwritable(Exception):
    """The code of a cut is not valid Python; a coarser cut may be."""


def _check(path: str, text: str) -> None:
    if path.endswith(".py"):
        try:
            compile(text, path, "exec")
        except SyntaxError as error:
            raise _Unwritable(f"{path}, line {error.lineno}: {error.msg}") from error


def _folders_written(plan_: Plan, traces: Mapping[int, Trace]) -> set[str]:
    """Folders of the author's that kept statements write files into."""
    written = {path for stage in plan_.stages for index in stage.statements for path in traces[index].files_written}
    return {os.path.dirname(path) for path in written if os.path.dirname(path) and not os.path.isabs(path) and not path.startswith("..")}


def save_proof(staged: Path, proof: Proof) -> None:
    """`evidence/adopt.json` and its page."""
    data = plain(proof_data(proof) | {"subject": proof.subject, "conditions": dict(proof.conditions)})
    _put(staged / "evidence/adopt.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    _put(staged / "evidence/adopt.md", to_markdown(proof_page(proof)))


def _values(score: Score, observation: Observation) -> object:
    """What a score was in another run of the notebook."""
    found = [
        without_clocks(number.value) for trace in observation.traces if trace.index in score.runs for number in trace.numbers
        if number.site == score.site and holder(trace, number) == score.statement and number.role == score.role
    ]
    return found[0] if len(found) == 1 else found


def _same_runs(runs: Sequence[object]) -> bool:
    return all(compare("", runs[0], run).level in (Level.IDENTICAL, Level.EQUAL) for run in runs[1:])


def _noisy_rows(row: RowComparison, scores: tuple[Comparison, ...]) -> RowComparison:
    """Rows are only excused where the scores made from them are."""
    if row.level is Level.DIFFERENT and row.rows and any(score.level is Level.WITHIN_NOISE for score in scores):
        return replace(row, level=Level.WITHIN_NOISE, why="the notebook's own predictions differ from run to run")
    return row


def _first_difference(proof: Proof) -> str:
    for item in proof.scores:
        if item.level not in GOOD:
            return f"{item.name}: expected {str(item.expected)[:80]}, got {str(item.obtained)[:80]} {item.why}".strip()
    return next((f"{r.rows - r.same} of {r.rows} predictions differ {r.why}".strip() for r in proof.predictions if r.level not in GOOD), proof.level.value)


def _words(plan_: Plan) -> str:
    names = " → ".join(stage.name for stage in plan_.stages)
    return f"{len(plan_.stages)} stage{'s' if len(plan_.stages) > 1 else ''} ({names})" if plan_.level != "script" else "the whole notebook as one script"


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            remove_tree(path)
        else:
            path.unlink()


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    else:
        shutil.copyfile(source, target)


def _gitignore(path: Path) -> str:
    own = path.read_text(encoding="utf-8") if path.exists() else ""
    return own + "".join(f"{line}\n" for line in (".venv/", "__pycache__/", "*.pyc", ".pytest_cache/") if line not in own.splitlines())


def _commit(staged: Path, plan_: Plan, notebook: str) -> None:
    tracked = [f"{item.path}.dvc" for item in plan_.data if not item.path.startswith("data/")]
    tracked += ["data"] if (staged / "data").exists() else []
    commit(
        (
            CommitSpec(f"Keep the notebook as its author wrote it ({notebook})", ("notebooks",)),
            CommitSpec("Lock the environment that the notebook ran in", ("pyproject.toml", "uv.lock", ".python-version", "requirements.txt")),
            CommitSpec("Track the data by hash, out of Git", (".dvc", ".dvcignore", ".gitignore", *tracked)),
            CommitSpec(f"Turn the notebook's code into {_words(plan_)}", ("src", "params.yaml", "dvc.yaml")),
            CommitSpec("Say how to run it, and test that it gives the recorded scores", ()),
        ),
        staged,
    )
