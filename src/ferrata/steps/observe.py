"""Run a notebook under the observer, in the author's environment, and read back what it wrote.

The observer (`ferrata/observer`, started as a folder) appends one event a line to the trace; this side writes the job, follows the trace for progress,
and makes records of it, also when the process was killed in the middle.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from ferrata.records.command import Command, Outcome
from ferrata.records.environment import Environment
from ferrata.records.notebook import Notebook, Statement
from ferrata.records.observation import Call, Failure, Number, Observation, Site, Trace, Value
from ferrata.world.process import run

OBSERVER = Path(__file__).resolve().parents[1] / "observer"
_SECONDS = 0.25
_POLL = 0.2
_ENDED = "ended"

Progress = Callable[[Trace | str], None]


def observe(
    notebook: Notebook,
    environment: Environment,
    *,
    sources: Mapping[int, str],
    workspace: Path,
    cwd: Path,
    output: Path,
    seed: int | None,
    hash_seed: int,
    answers: Sequence[str] = (),
    timeout: float | None = None,
    keep: Collection[int] | None = None,
    crossings: Sequence[Mapping[str, Any]] = (),
    on_progress: Progress | None = None,
    watch: bool = True,
    rows: Mapping[str, Any] | None = None,
) -> Observation:
    """One run of the notebook's statements in a process of their own.

    `sources` are the current texts of edited statements by index, the others are the notebook's own. `workspace` is the
    scratch root that may be written and holds a copy of the notebook's folder, `cwd` the folder in it to run in; `output`
    gets trace, arrays and the home folder. `keep` are the statements to run (a sequence: in that order). `crossings`:
    `{"after": index, "names": [...]}` asks for trials of the serialisers. `on_progress` gets the Trace of every statement
    that ended. With `watch` False the same code runs plainly; `rows` then asks to
    follow the rows of the data file (observer/rowwise). A notebook that fails or is killed gives an Observation with
    its Failure; OutsideError means that the interpreter could not be started.
    """
    job = _job(notebook, sources, keep, workspace, cwd, output)
    options = {
        "seed": seed,
        "answers": list(answers),
        "crossings": [dict(crossing) for crossing in crossings],
        "observe": watch,
        "rows": dict(rows) if rows else None,
    }
    trace = _write_job(job | options, output)
    command = _command(environment, output, hash_seed, timeout)
    with (
        _followed(trace, on_progress),
        tempfile.TemporaryDirectory(prefix="ferrata-", ignore_cleanup_errors=True) as scratch,
    ):
        outcome = run(replace(command, environment={**command.environment, "TMPDIR": scratch}))
    (output / "stderr.txt").write_text(outcome.error, encoding="utf-8", errors="replace")
    observation = _observation(list(_events(trace)), outcome, notebook, output, seed, hash_seed)
    if observation.failure is None or observation.failure.type not in ("Killed", "Timeout"):
        (output / _ENDED).write_text(str(outcome.status), encoding="utf-8")
    return observation


def task(
    python: Path, project: Path, scratch: Path, job: Mapping[str, Any], environment: Mapping[str, str], timeout: float | None = 1800
) -> tuple[dict[str, Any] | None, str]:
    """Let the observer do something else than run a notebook, in a project's environment (observer/rowwise): what it found, None when it stopped, and the
    last line that it said, or that it took too long."""
    found = scratch / "found.json"
    (scratch / "job.json").write_text(json.dumps({**job, "folder": str(project), "found": str(found)}), encoding="utf-8")
    arguments = (str(python), str(OBSERVER), str(scratch / "job.json"))
    variables = {**environment, "TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1"}
    outcome = run(Command(arguments, folder=project, environment=variables, why="try the prediction function", timeout=timeout))
    said = f"it took more than {outcome.seconds:.0f} s" if outcome.timed_out else (outcome.error.strip().splitlines() or ["it said nothing"])[-1]
    return (json.loads(found.read_text(encoding="utf-8")) if found.exists() else None), said


@cache
def observer_version() -> str:
    """A digest of the observer's own code: what another version of it saw is not what this one would see."""
    content = hashlib.sha256()
    for path in sorted(OBSERVER.rglob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()


def recall(notebook: Notebook, output: Path, *, seed: int | None, hash_seed: int) -> Observation | None:
    """The observation that an earlier `observe` left in `output`; None when that run did not come to an end of its own."""
    if not (output / _ENDED).exists():
        return None
    outcome = Outcome(Command(()), int((output / _ENDED).read_text(encoding="utf-8")), "", "", 0.0)
    return _observation(list(_events(output / "trace.jsonl")), outcome, notebook, output, seed, hash_seed)


def _job(
    notebook: Notebook,
    sources: Mapping[int, str],
    keep: Collection[int] | None,
    workspace: Path,
    cwd: Path,
    output: Path,
) -> dict[str, Any]:
    last = {cell.statements[-1].index for cell in notebook.cells if cell.statements}
    by_index = {statement.index: statement for statement in notebook.statements}
    order = _order(by_index, keep)
    cells: list[dict[str, Any]] = []
    for index in order:
        statement = by_index[index]
        if not cells or cells[-1]["number"] != statement.cell:
            cells.append({"number": statement.cell, "statements": []})
        cells[-1]["statements"].append(_statement(statement, sources, index in last))
    return {
        "cells": cells,
        "trace": str(output / "trace.jsonl"),
        "arrays": str(output / "arrays"),
        "root": str(workspace),
        "cwd": str(cwd),
        "writable": [str(output)],
        "fingerprint_seconds": _SECONDS,
    }


def _order(by_index: Mapping[int, Statement], keep: Collection[int] | None) -> list[int]:
    if keep is None:
        return sorted(by_index)
    return list(dict.fromkeys(keep)) if isinstance(keep, Sequence) else sorted(set(keep))


def _statement(statement: Statement, sources: Mapping[int, str], displayed: bool) -> dict[str, Any]:
    source = sources.get(statement.index, statement.source)
    return {
        "index": statement.index,
        "line": statement.line,
        "column": statement.column,
        "source": source,
        "displayed": displayed,
    }


def _write_job(job: Mapping[str, Any], output: Path) -> Path:
    output.mkdir(parents=True, exist_ok=True)
    (output / "home").mkdir(exist_ok=True)
    trace = Path(job["trace"])
    trace.unlink(missing_ok=True)
    (output / "job.json").write_text(json.dumps(job), encoding="utf-8")
    return trace


def _command(environment: Environment, output: Path, hash_seed: int, timeout: float | None) -> Command:
    home = output / "home"
    variables = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "MPLCONFIGDIR": str(output.parent / ".matplotlib"),
        "PATH": os.pathsep.join([str(environment.python.parent), os.environ.get("PATH", os.defpath)]),
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONUTF8": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONFAULTHANDLER": "1",
        "MPLBACKEND": "Agg",
        "PLOTLY_RENDERER": "json",
        "BROWSER": "true",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    arguments = (str(environment.python), str(OBSERVER), str(output / "job.json"))
    return Command(arguments, environment=variables, why="run the notebook", timeout=timeout)


@contextmanager
def _followed(trace: Path, on_progress: Progress | None) -> Iterator[None]:
    """Tell `on_progress` of events while the process runs. An exception it raises ends the telling, not the run."""
    if on_progress is None:
        yield
        return
    ended = threading.Event()
    follower = threading.Thread(target=_follow, args=(trace, on_progress, ended), daemon=True)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join(timeout=10)


def _follow(trace: Path, on_progress: Progress, ended: threading.Event) -> None:
    done, rest = 0, ""
    while True:
        is_last = ended.wait(_POLL)
        if trace.exists():
            with trace.open(encoding="utf-8", errors="replace") as file:
                file.seek(done)
                text = file.read()
                done = file.tell()
            *lines, rest = (rest + text).split("\n")
            for event in _parsed(lines):
                if event["event"] == "statement":
                    on_progress(_trace(event))
        if is_last:
            return


def _events(trace: Path) -> Iterator[dict[str, Any]]:
    if trace.exists():
        yield from _parsed(trace.read_text(encoding="utf-8", errors="replace").split("\n"))


def _parsed(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Events of whole lines; the one that a killed process left unfinished is passed over."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event


def _observation(
    events: Sequence[dict[str, Any]],
    outcome: Outcome,
    notebook: Notebook,
    output: Path,
    seed: int | None,
    hash_seed: int,
) -> Observation:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_kind.setdefault(event["event"], []).append(event)
    begin, end = by_kind.get("begin", [{}])[0], by_kind.get("end", [{}])[-1]
    traces = tuple(_trace(event) for event in by_kind.get("statement", []))
    failure = _failure(by_kind, outcome, notebook)
    return Observation(
        traces=traces,
        finished=failure is None,
        folder=output,
        failure=failure,
        seconds=end.get("seconds", outcome.seconds),
        peak_memory=end.get("peak_memory", 0),
        python_version=begin.get("python_version", ""),
        seed=seed,
        hash_seed=hash_seed,
        crossings=tuple({"after": e["after"], "name": e["name"], **e["result"]} for e in by_kind.get("crossing", [])),
    )


def _failure(by_kind: Mapping[str, list[dict[str, Any]]], outcome: Outcome, notebook: Notebook) -> Failure | None:
    if "error" in by_kind:
        event = by_kind["error"][0]
        return Failure(**{field.name: event[field.name] for field in fields(Failure) if field.name in event})
    if "end" in by_kind:
        return None
    return _killed(by_kind, outcome, notebook)


def _killed(by_kind: Mapping[str, list[dict[str, Any]]], outcome: Outcome, notebook: Notebook) -> Failure:
    """The process is gone without a word; the statement that had started and not ended is the one."""
    ended = {event["index"] for event in by_kind.get("statement", [])}
    running = [event["index"] for event in by_kind.get("started", []) if event["index"] not in ended]
    last = running[-1] if running else max(ended, default=0)
    statement = next((item for item in notebook.statements if item.index == last), None)
    how = (
        f"stopped after {outcome.seconds:.0f} seconds"
        if outcome.timed_out
        else f"the process ended with status {outcome.status}"
    )
    said = [line for line in outcome.error.strip().splitlines() if line.strip()][-20:]
    return Failure(
        index=last,
        cell=statement.cell if statement else 0,
        line=1,
        type="Timeout" if outcome.timed_out else "Killed",
        message=how if outcome.timed_out or not said else f"{how}: {said[-1]}",
        traceback="\n".join(said),
    )


def _trace(event: Mapping[str, Any]) -> Trace:
    values = {field.name: _field(field.name, event[field.name]) for field in fields(Trace) if field.name in event}
    return Trace(**values)


def _field(name: str, value: Any) -> Any:
    reader = _READERS.get(name)
    if reader is not None:
        return tuple(reader(item) for item in value)
    return tuple(value) if isinstance(value, list) else value


def _value(event: Mapping[str, Any]) -> Value:
    return Value(**event)


def _call(event: Mapping[str, Any]) -> Call:
    return Call(**{**event, "site": Site(*event["site"])})


def _number(event: Mapping[str, Any]) -> Number:
    return Number(**{**event, "site": Site(*event["site"])})


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {"values": _value, "calls": _call, "numbers": _number}
