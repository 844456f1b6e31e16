"""From what was typed to a side: a file that `ferrata run export` wrote, a recorded run, the saved outputs of a notebook, a commit, or a score."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ferrata.errors import UsageError
from ferrata.programs import git
from ferrata.records.run_record import RunRecord, record_of
from ferrata.records.side import Side, named_scores
from ferrata.steps.explaining.environments import pins
from ferrata.steps.explaining.files import matters
from ferrata.steps.explaining.notebooks import saved_scores
from ferrata.steps.explaining.trees import copy_of_commit, copy_of_project, copy_of_run, copy_of_texts
from ferrata.store.pipelines.lock import locked_results
from ferrata.store.pipelines.metrics import read_scores
from ferrata.store.pipelines.pipeline import read_pipeline, top_metrics
from ferrata.world import process

_SCORE = re.compile(r"^\s*([\w.@ /-]+?)\s*=\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(%?)\s*$")
EXPORT = "ferrata-run"


def find_side(project: Path, typed: str, records: Sequence[RunRecord], folder: Path) -> Side:
    """UsageError where it is none of these, OutsideError for an address that gives nothing. `folder` is where the files of the side go."""
    if typed.startswith(("https://", "http://")):
        from ferrata.world.download import download

        typed_file = folder.with_suffix(".run.json")
        download(typed, typed_file)
        typed = str(typed_file)
    found = (
        _scores(typed) or _record(project, typed, records, folder) or _file(project, typed, records, folder) or _commit(project, typed, records, folder)
    )
    if found is None:
        todo = "Give a run (see `ferrata history --json`), a file of `ferrata run export`, a commit, a notebook, or a score such as accuracy=0.87."
        raise UsageError(f"{typed} is no run, file, commit or score", where="ferrata why", todo=todo)
    return found


def here_side(project: Path, paths: Sequence[str], facts: Mapping[str, Any], uncommitted: frozenset[str], folder: Path) -> Side:
    """The project as it is now; `facts` are what a run would record."""
    lacking = copy_of_project(project, paths, folder)
    stages = read_pipeline(project)
    return Side(
        "the project as it is", "tree", folder, named_scores(read_scores(project, stages, top_metrics(project))), facts["results"], facts["packages"],
        facts["python"], facts["variables"], facts["named"], facts["machine"], facts["listings"], uncommitted, lacking, environment=facts["environment"],
    )  # fmt: skip


def _scores(typed: str) -> Side | None:
    found = _SCORE.match(typed)
    if not found:
        return None
    value = float(found[2]) / (100 if found[3] else 1)
    number: float | int = int(found[2]) if re.fullmatch(r"[-+]?\d+", found[2]) and not found[3] else value
    return Side(f"{found[1]} = {found[2]}{found[3]}", "scores", scores={found[1]: number})


def _record(project: Path, typed: str, records: Sequence[RunRecord], folder: Path) -> Side | None:
    found = record_named(records, typed)
    return side_of_record(project, found, folder) if found else None


def record_named(records: Sequence[RunRecord], typed: str) -> RunRecord | None:
    """By its name or the beginning of it, by its file in `.ferrata/runs/`, or `last`."""
    name = Path(typed).stem if typed.endswith(".json") and "runs" in Path(typed).parts else typed
    found = [record for record in records if record.id == name] or [record for record in records if len(name) >= 6 and record.id.startswith(name)]
    if typed == "last":
        found = list(records[-1:])
    return found[0] if len({record.id for record in found}) == 1 else None


def side_of_record(project: Path, record: RunRecord, folder: Path) -> Side:
    """Its files from the cache; from its commit where the cache has lost them and nothing was uncommitted."""
    words = f"the run of {record.started[:16].replace('T', ' ')}" + (f" at {record.commit[:7]}{'+' if record.uncommitted else ''}" if record.commit else "")
    lacking: Mapping[str, str] = copy_of_run(project, record.files, record.data, folder) if record.files else {}
    if record.commit and (not record.files or lacking) and not record.uncommitted:
        lacking = copy_of_commit(project, record.commit, folder)
    has_files = bool(record.files) or (bool(record.commit) and not record.uncommitted)
    lacking = {path: md5 for path, md5 in lacking.items() if matters(path)}
    return _with_facts(Side(words, "record", folder if has_files else None, lacking=lacking, commit=record.commit), record)


def _with_facts(side: Side, record: RunRecord) -> Side:
    return replace(
        side, scores=named_scores(record.scores), results=record.results, packages=record.packages, python=str(record.machine.get("python", "")),
        variables=record.variables if record.files else None, named=record.named, machine=record.machine, listings=record.listings,
        uncommitted=frozenset(record.uncommitted.get("files", ())), started=record.started,
    )  # fmt: skip


def _file(project: Path, typed: str, records: Sequence[RunRecord], folder: Path) -> Side | None:
    path = Path(typed) if Path(typed).is_absolute() or Path(typed).exists() else project / typed
    if not path.is_file():
        return None
    if path.suffix == ".ipynb":
        return Side(f"the saved outputs of {path.name}", "notebook", scores=saved_scores(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content.get("kind") == EXPORT:
            return _export(project, path, content, folder)
        return side_of_record(project, record_of(content), folder)
    except (ValueError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        todo = "Write one with `ferrata run export`, in the project whose run it is."
        raise UsageError(f"{typed} is no run that was exported or recorded", where=str(path), todo=todo) from error


def _export(project: Path, path: Path, content: Mapping[str, Any], folder: Path) -> Side:
    record = record_of(content["run"])
    found = copy_of_texts(project, content["texts"], {**record.files, **content["data"]}, folder)
    lacking = {path: md5 for path, md5 in found.items() if matters(path)}
    side = Side(f"the exported run {path.name}", "export", folder, prints=content["prints"], lacking=lacking, commit=record.commit)
    return _with_facts(side, record)


def _commit(project: Path, typed: str, records: Sequence[RunRecord], folder: Path) -> Side | None:
    """With what is recorded of a run from that very commit, where there is one; else with what its files say."""
    outcome = process.run(git.rev_parse(project, typed)) if not typed.startswith("-") else None
    if outcome is None or outcome.status != 0:
        return None
    commit = outcome.output.strip()
    lacking = copy_of_commit(project, commit, folder)
    stages = read_pipeline(folder)
    scores = named_scores(read_scores(folder, stages, top_metrics(folder)))
    side = Side(f"the commit {commit[:7]}", "commit", folder, scores, locked_results(folder, stages), lacking=lacking, commit=commit)
    ran = [record for record in records if record.results and record.results == side.results and _is_of(record, commit, folder)]
    if ran:
        return replace(_with_facts(side, ran[-1]), scores=scores, results=side.results)
    python = _asked_python(folder)
    return replace(side, packages=pins(folder, python), python=python)


def _is_of(record: RunRecord, commit: str, folder: Path) -> bool:
    """It ran from that commit, or was committed with it."""
    return (record.commit == commit and not record.uncommitted) or (folder / ".ferrata" / "runs" / f"{record.id}.json").is_file()


def _asked_python(folder: Path) -> str:
    """Only what is written to the last number says which Python it was."""
    path = folder / ".python-version"
    found = re.fullmatch(r"3\.\d+\.\d+", path.read_text(encoding="utf-8").strip()) if path.is_file() else None
    return found[0] if found else ""

