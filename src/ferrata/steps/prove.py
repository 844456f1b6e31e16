"""Prove: a clean clone, a fresh environment, every stage run, and what came out compared with what the notebook gave."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ferrata.errors import OutsideError
from ferrata.programs import git, python, uv
from ferrata.records.amount import counted
from ferrata.records.analysis import Score
from ferrata.records.command import Command, Outcome
from ferrata.records.observation import Observation, Value
from ferrata.records.plan import Crossing, Plan, PlannedStage
from ferrata.records.project import Project
from ferrata.records.proof import Comparison, Level, Proof, RowComparison
from ferrata.statistics.compare import CLOCKS, compare, compare_rows, worst
from ferrata.store import cache
from ferrata.store.dvcfile import dvcfile_path, read_dvcfile
from ferrata.store.hashing import digest
from ferrata.store.running.runner import StageRun, run_pipeline
from ferrata.world import process

Say = Callable[[str], None]
OBSERVER = Path(__file__).resolve().parents[1] / "observer"
# So many values of one expression are observed and recorded.
MOST_VALUES = 10_000


@dataclass(frozen=True)
class CleanRun:
    """A clone in which every stage ran: `folder` holds all outputs; `runs` what each stage took. `interpreter` and `environment` are what it ran with."""

    folder: Path
    project: Project
    interpreter: Path
    environment: dict[str, str]
    timeout: float | None
    runs: tuple[StageRun, ...] = ()


def run_clean(
    staged: Path, project: Project, scratch: Path, venv: Path, *, observed: Path, say: Say, timeout: float | None, hash_seed: int
) -> CleanRun:
    """Clone what is committed, install exactly what is locked, fetch the data by hash, and run all stages.

    `scratch` must be empty; `venv` is made from the lock when it is not there yet, and nothing but the lock ever goes into it. Nothing of this machine is
    visible but its interpreters and package cache. `observed` is the environment's folder that the notebook ran in. Raises OutsideError when a stage fails.
    """
    clone = scratch / project.name
    say("cloning")
    process.run(git.clone(staged, clone), check=True)
    for path in project.data:
        tracked = read_dvcfile(clone / dvcfile_path(Path(path)))
        _fetch(staged, clone, tracked.md5, clone / path)
    say("installing from the lock")
    install = uv.sync(clone)
    process.run(replace(install, environment={**install.environment, "UV_PROJECT_ENVIRONMENT": str(venv)}), check=True)
    _share_bytecode(observed, venv)
    (scratch / "home").mkdir()
    interpreter = venv / ("Scripts/python.exe" if platform.system() == "Windows" else "bin/python")
    environment = {
        "HOME": str(scratch / "home"), "MPLCONFIGDIR": str(scratch / "home"), "PYTHONHASHSEED": str(hash_seed), "PYTHONNOUSERSITE": "1", "MPLBACKEND": "Agg",
        "PYTHONUTF8": "1",
    }
    return run_stages(CleanRun(clone, project, interpreter, environment, timeout), say=say)


def _share_bytecode(observed: Path, venv: Path) -> None:
    """Spare the new environment to compile the same files again: Python itself takes a `.pyc` only for the very source it was made from (PEP 3147)."""
    for compiled in observed.glob("lib/python3*/site-packages/**/__pycache__/*.pyc"):
        target = venv / compiled.relative_to(observed)
        if target.parent.parent.is_dir() and not target.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copy2(compiled, target)


def run_stages(clean: CleanRun, *, say: Say) -> CleanRun:
    """Run every stage of the clone, also when it ran before."""

    def execute(command: Command) -> Outcome:
        return process.run(replace(command, timeout=clean.timeout))

    runs = run_pipeline(
        clean.folder, clean.project.stages, execute, python=clean.interpreter, environment=clean.environment, force=True,
        on_stage=lambda stage, _: say(f"running {stage.name}"),
    )
    return replace(clean, runs=runs)


def _fetch(staged: Path, clone: Path, md5: str, target: Path) -> None:
    """The clone gets its own copy of the cached object, as `dvc pull` would."""
    objects = ".dvc/cache/files/md5"
    if not (clone / objects).exists():
        shutil.copytree(staged / objects, clone / objects)
    target.parent.mkdir(parents=True, exist_ok=True)
    cache.checkout(clone, md5, target)


def compare_run(
    plan: Plan, clean: CleanRun, observation: Observation, replay: Observation, *, conditions: Sequence[tuple[str, str]], home: Path | None = None
) -> Proof:
    """Every score, the main model's predictions row by row, and what crosses between stages.

    A score that the run did not write is *not comparable*, never left out. The level is that of scores and predictions; where there are none, that of the
    results that were written as data, and where there are none of these either, of all that crosses. `home` is the folder that the notebook ran in.
    """
    obtained = obtained_scores(clean)
    scores = tuple(_compare_score(score, obtained) for score in plan.scores)
    rows = _compare_predictions(plan, clean, observation.folder / "arrays")
    variables = _compare_variables(plan, clean, observation, replay)
    variables = _with_paths(plan, clean, replay, home, variables) if home is not None and plan.data else variables
    results = [variable.level for variable in variables if plan.predictions and variable.name == plan.predictions.prediction]
    levels = [*(score.level for score in scores), *(row.level for row in rows)] or results or [variable.level for variable in variables]
    return Proof(
        subject="the pipeline in a clean clone and a fresh environment, against the notebook as it was observed",
        level=worst(levels), scores=scores, predictions=rows, variables=variables, conditions=tuple(conditions),
    )


def _compare_variables(plan: Plan, clean: CleanRun, observation: Observation, replay: Observation) -> tuple[Comparison, ...]:
    """By the digest of their content. Where a file has the very bytes that the replay wrote and read back, it holds what the replay had."""
    files = _written(plan, clean)
    found = {path: same for path, c in files.items() if (same := _same_as_replayed(plan, c, clean, replay))}
    found |= _digests(plan, clean, [path for path in files if path not in found])
    return tuple(_variable(plan, c, found.get(path), observation) for path, c in files.items())


def _written(plan: Plan, clean: CleanRun) -> dict[str, Crossing]:
    return {c.path: c for c in plan.crossings if c.format and (clean.folder / c.path).exists()}


def _same_as_replayed(plan: Plan, crossing: Crossing, clean: CleanRun, replay: Observation) -> Sequence[Any] | None:
    """The replayed value's digest and whether all of it was read; None where the bytes differ, or were not all of the value."""
    value, tried = _value(plan, crossing, replay), _tried(crossing, replay)
    if value is None or not value.exact or tried is None:
        return None
    return (value.fingerprint, True) if digest(tried).md5 == digest(clean.folder / crossing.path).md5 else None


def _tried(crossing: Crossing, replay: Observation) -> Path | None:
    """The file that the replay wrote its value to."""
    tried = [Path(each["path"]) for each in replay.crossings if each["name"] == crossing.name and each.get("format") == crossing.format]
    return tried[0] if len(tried) == 1 and tried[0].exists() else None


def _with_paths(plan: Plan, clean: CleanRun, replay: Observation, home: Path, variables: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    """Data lies elsewhere in the project, and so do its paths read: what is different by nothing but them is equal, and says so.

    Looked for where the replay, which runs where the notebook ran, had the notebook's very value.
    """
    pairs = {}
    for number, (crossing, variable) in enumerate(zip(_written(plan, clean).values(), variables, strict=True)):
        value, tried = _value(plan, crossing, replay), _tried(crossing, replay)
        if variable.level is Level.DIFFERENT and tried is not None and value is not None and value.exact and value.fingerprint == variable.expected:
            pairs[number] = (str(tried), str(clean.folder / crossing.path))
    found = dict(zip(pairs, _paths_compared(plan, clean, home, list(pairs.values())), strict=False))
    return tuple(_named_alike(variable, *found.get(number, (0, ""))) for number, variable in enumerate(variables))


def _named_alike(variable: Comparison, count: int, folder: str) -> Comparison:
    if not count:
        return variable
    why = f"{counted(count, 'path')} in it {'names' if count == 1 else 'name'} the same data where the project has it, {'at' if count == 1 else 'in'} {folder}"
    return replace(variable, level=Level.EQUAL, why=why)


def _paths_compared(plan: Plan, clean: CleanRun, home: Path, pairs: Sequence[tuple[str, str]]) -> list[tuple[int, str]]:
    """Of each pair of files how many paths of data in them differ in their text alone, and the folder that holds these; 0 where more is different."""
    if not pairs:
        return []
    places = {os.path.relpath(item.observed, home): item.path for item in plan.data}
    job = clean.folder.parent / "moved.json"
    job.write_text(json.dumps({"home": str(home), "project": str(clean.folder), "places": places, "pairs": pairs}), encoding="utf-8")
    outcome = process.run(python.moved_paths(clean.interpreter, OBSERVER, clean.folder, clean.folder / "src" / plan.package, job))
    line = next((line for line in outcome.output.splitlines() if line.startswith("MOVED")), "MOVED[]")
    return [(count, folder) for count, folder in json.loads(line.removeprefix("MOVED"))]


def _digests(plan: Plan, clean: CleanRun, paths: Sequence[str]) -> dict[str, Any]:
    """As the project's own loader gives what is in them."""
    if not paths:
        return {}
    source = clean.folder / "src" / plan.package
    outcome = process.run(python.artifact_digests(clean.interpreter, OBSERVER, clean.folder, source, paths))
    line = next((line for line in outcome.output.splitlines() if line.startswith("DIGESTS")), "DIGESTS{}")
    return dict(json.loads(line.removeprefix("DIGESTS")))


def _value(plan: Plan, crossing: Crossing, observation: Observation) -> Value | None:
    """As the stage leaves it that writes it."""
    stage = next(stage for stage in plan.stages if stage.name == crossing.written_by)
    last = {v.name: v for trace in observation.traces if trace.index in stage.statements and trace.index <= _until(crossing, stage) for v in trace.values}
    return last.get(crossing.name)


def _variable(plan: Plan, crossing: Crossing, found: Sequence[Any] | None, observation: Observation) -> Comparison:
    value = _value(plan, crossing, observation)
    if value is None or found is None:
        why = "it was not seen in the notebook" if value is None else "it could not be read back"
        return Comparison(crossing.name, None, None, Level.NOT_COMPARABLE, why=why)
    expected, (obtained, exact) = value.fingerprint, found
    if expected == obtained and not (exact and value.exact):
        return Comparison(crossing.name, expected, obtained, Level.NOT_COMPARABLE, why="too large to read whole: what was sampled of it is the same")
    return Comparison(crossing.name, expected, obtained, Level.IDENTICAL if expected == obtained else Level.DIFFERENT)


def _until(crossing: Crossing, stage: PlannedStage) -> int:
    return max(stage.statements) if crossing.read_by else crossing.after


def obtained_scores(clean: CleanRun) -> dict[str, Any]:
    metrics = {name: _as_list(value) for name, value in _json(clean.folder / "evaluation/metrics.json").items()}
    return {**metrics, **_json(clean.folder / "evaluation/reports.json")}


def _as_list(value: Any) -> Any:
    """In metrics.json a list is written as a dictionary with the keys 1, 2, 3 …"""
    if isinstance(value, dict) and list(value) == [str(number) for number in range(1, len(value) + 1)]:
        return list(value.values())
    return value


def _json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _compare_score(score: Score, obtained: Mapping[str, Any]) -> Comparison:
    expected = score.values[0] if len(score.values) == 1 else list(score.values)
    if score.name not in obtained:
        return Comparison(score.name, expected, None, Level.NOT_COMPARABLE, why="the pipeline did not compute it")
    found = compare(score.name, without_clocks(expected), without_clocks(_observable(score, obtained[score.name])))
    return found if len(score.values) < MOST_VALUES or found.why else replace(found, why=f"the first {MOST_VALUES:,} values")


def _observable(score: Score, obtained: Any) -> Any:
    """Of what an expression gave, what the observer keeps of one that is shown or bound: numbers, no texts."""
    if len(score.values) >= MOST_VALUES and isinstance(obtained, list):
        return obtained[: len(score.values)]
    if score.role == "score" or not isinstance(obtained, list) or len(obtained) == len(score.values):
        return obtained
    numbers = [item for item in obtained if item is not None and not isinstance(item, (str, bool))]
    return numbers[0] if len(numbers) == len(score.values) == 1 else numbers


def without_clocks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_clocks(item) for key, item in value.items() if key not in CLOCKS}
    return [without_clocks(item) for item in value] if isinstance(value, list) else value


def _compare_predictions(plan: Plan, clean: CleanRun, arrays: Path) -> tuple[RowComparison, ...]:
    if plan.predictions is None or not plan.predictions.array:
        return ()
    expected_file, obtained_file = arrays / plan.predictions.array, clean.folder / "evaluation/predictions.parquet"
    if not expected_file.exists() or not obtained_file.exists():
        why = "the pipeline wrote no predictions" if expected_file.exists() else "none were observed"
        return (RowComparison("predictions", 0, 0, Level.NOT_COMPARABLE, why=why),)
    return _compare_arrays(expected_file, _as_arrays(clean, obtained_file))


def _as_arrays(clean: CleanRun, table: Path) -> Path:
    """The table as arrays, read by the project's own packages."""
    target = clean.folder.parent / "predictions.npz"
    process.run(python.table_to_arrays(clean.interpreter, table, target), check=True)
    return target


def _compare_arrays(expected_file: Path, obtained_file: Path) -> tuple[RowComparison, ...]:
    import numpy as np

    with np.load(expected_file, allow_pickle=False) as expected, np.load(obtained_file, allow_pickle=False) as obtained:
        return tuple(
            compare_rows(name, _flat(expected[key]), _flat(obtained[name])) for key, name in (("truth", "truth"), ("prediction", "prediction"))
            if key in expected and name in obtained
        )


def _flat(array: Any) -> Any:
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def bring_back(clean: CleanRun, project: Project, staged: Path) -> None:
    """Results, lock and cache objects of the proved run become the project's own."""
    for path in ("dvc.lock", *(path for stage in project.stages for path in stage.results)):
        source, target = clean.folder / path, staged / path
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    if (clean.folder / ".dvc/cache").exists():
        shutil.copytree(clean.folder / ".dvc/cache", staged / ".dvc/cache", dirs_exist_ok=True)


def failed_stage(error: OutsideError) -> str:
    """The core of a failed stage's message: its last line that says something."""
    lines = [line.strip() for line in (error.todo or error.what).splitlines() if line.strip()]
    return lines[-1] if lines else error.what
