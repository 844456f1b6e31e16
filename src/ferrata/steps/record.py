"""Record: what a run ran from, on what, and what it gave, as one plain file in `.ferrata/runs/`; and read these files back."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ferrata.errors import ProgramMissing, ProjectError
from ferrata.programs import git
from ferrata.records.project import Stage, is_within
from ferrata.records.run import StageRun
from ferrata.records.run_record import RunRecord, record_of
from ferrata.store.pipelines.lock import locked_results
from ferrata.store.pipelines.metrics import flat, read_scores
from ferrata.store.pipelines.params import stage_params
from ferrata.store.pipelines.sources import Source
from ferrata.world import process
from ferrata.world.disk import write_whole

FOLDER = Path(".ferrata") / "runs"
_SEED = re.compile(r"(^|[._])(seed|random_state)s?$")


def commit_and_changes(project: Path, stages: Sequence[Stage]) -> dict[str, Any]:
    """{commit, branch, uncommitted}: where the project stood before the run; empty without Git or a commit.

    What is not committed is the author's: what runs write, the lock and the parameters, which are recorded by themselves, are no part of it.
    """
    ours = {"dvc.lock", *(stage.place(path) for stage in stages for path in (*stage.results, *(file.path for file in stage.sources)))}
    try:
        commit, branch = process.run(git.rev_parse(project)), process.run(git.branch(project))
        status, diff = process.run(git.status(project)), process.run(git.diff(project, sorted(ours)))
    except ProgramMissing:
        return {}
    if commit.status != 0:
        return {}
    entries = [entry for entry in status.output.split("\0") if entry[2:3] == " " and not _is_left_out(entry[3:], ours)]
    untracked = [entry[3:] for entry in entries if entry.startswith("??")]
    files = sorted(entry[3:] for entry in entries)
    uncommitted = {"files": files, "digest": _digest_of(project, diff.output, untracked)} if files else {}
    return {"commit": commit.output.strip(), "branch": branch.output.strip(), "uncommitted": uncommitted}


def _is_left_out(path: str, places: set[str]) -> bool:
    is_ours = path.startswith((".ferrata/", ".dvc/")) or path == ".dvcignore" or path.rpartition("/")[2] == ".gitignore"
    return is_ours or any(is_within(path, place) for place in places)


def _digest_of(project: Path, diff: str, untracked: Sequence[str]) -> str:
    """Of the differences and of the files that Git does not know yet."""
    hasher = hashlib.sha256(diff.encode(errors="surrogateescape"))
    for name in untracked:
        path = project / name
        content = path.read_bytes() if path.is_file() and path.stat().st_size < 1 << 24 else b""
        hasher.update(name.encode() + b"\0" + content)
    return hasher.hexdigest()


def record_run(
    project: Path, stages: Sequence[Stage], runs: Sequence[StageRun], *, started: float, stood: Mapping[str, Any], sources: Sequence[Source],
    machine: Mapping[str, Any], more_metrics: Sequence[str] = (), way: Mapping[str, Any] | None = None,
) -> RunRecord:  # fmt: skip
    """Write the file and give what it says."""
    params = _params(project, stages)
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(started)) + f".{int(started * 1000) % 1000:03d}Z"
    record = RunRecord(
        id=f"{re.sub('[-:]', '', when)}-{secrets.token_hex(3)}", started=when, seconds=round(time.time() - started, 3),
        outcome="failed" if any(run.action == "failed" for run in runs) else "done", **stood, stages=[_stage(run) for run in runs],
        params=params, seeds=dict(_seeds(params)), data={source.place: str(source.row.get("md5", "")) for source in sources},
        lock=_lock_digest(project), machine=dict(machine), scores=read_scores(project, stages, more_metrics),
        results=locked_results(project, stages), **(way or {}),
    )  # fmt: skip
    text = json.dumps(asdict(record), indent=1, ensure_ascii=False, default=str)
    write_whole(project / FOLDER / f"{record.id}.json", f"{text}\n".encode())
    return record


def read_runs(project: Path, *, of_any_branch: bool = False) -> tuple[RunRecord, ...]:
    """Of this branch, oldest first: those that ran from a commit which HEAD comes from, and those from no commit. ProjectError for a damaged file."""
    records = tuple(_read(path) for path in sorted((project / FOLDER).glob("*.json")))
    if of_any_branch or not any(record.commit for record in records):
        return records
    outcome = process.run(git.ancestors(project))
    ancestors = set(outcome.output.split())
    return tuple(record for record in records if not record.commit or record.commit in ancestors)


def _params(project: Path, stages: Sequence[Stage]) -> dict[str, dict[str, Any]]:
    """By file, what all stages read of it."""
    found: dict[str, dict[str, Any]] = {}
    for stage in stages:
        for file, values in stage_params(project, stage, is_lenient=True).items():
            found.setdefault(stage.place(file), {}).update(values)
    return found


def _seeds(params: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for file, values in params.items():
        for name, value in flat(values):
            if _SEED.search(name):
                yield (name if file == "params.yaml" else f"{file}:{name}"), value


def _stage(run: StageRun) -> dict[str, Any]:
    reasons = [str(change) for change in run.changes]
    return {"name": run.name, "action": run.action, "reasons": reasons, "seconds": round(run.seconds, 3), "peak_memory": run.memory}


def _lock_digest(project: Path) -> str:
    path = project / "dvc.lock"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _read(path: Path) -> RunRecord:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return record_of(content)
    except (ValueError, KeyError, TypeError) as error:
        raise ProjectError("The record of a run is damaged", where=str(path), todo="Restore it from Git, or delete it.") from error
