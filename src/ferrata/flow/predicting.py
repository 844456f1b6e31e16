"""Predict: rows → the project's own predict.py in its own environment → answers → page."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrata.errors import OutsideError, ProjectError, UsageError
from ferrata.pages.prediction import prediction_page
from ferrata.programs import python, uv
from ferrata.records.answers import Answers
from ferrata.records.page import Page
from ferrata.steps.signature import read_signature
from ferrata.store.running.plan import find_project
from ferrata.world import process
from ferrata.world.disk import write_whole
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch

_WRITTEN = (".json", ".csv")


@dataclass(frozen=True)
class _Rows:
    path: Path
    kind: str


def predict(source: str, out: Path | None, reporter: Reporter, *, folder: Path | None = None) -> Page:
    """Answer one record (JSON), the rows of a file, or those of every file in a folder; of a model of images, a file or those of a folder.

    ProjectError where no prediction function is; UsageError for an input that is none; OutsideError where the function cannot be run.
    """
    here = folder or Path.cwd()
    if out is not None and out.suffix not in _WRITTEN:
        raise UsageError(f"Answers cannot be written as {out.suffix or out.name}", todo="Name a file that ends in .json or .csv.")
    project = find_project(here)
    if project is None:
        raise ProjectError("There is no project here", where=str(here), todo="Go to a project's folder: one that `ferrata adopt` made.")
    signature = read_signature(project)
    module = project / signature["function"]
    interpreter = _interpreter(project, reporter)
    with scratch("ferrata-predict-", away_from=project) as place:
        found: list[dict[str, Any]] = []
        if signature["kind"] == "image":
            found = _of_images(project, interpreter, module, _images(source, here), place)
        else:
            gaps = [each["name"] for each in signature["inputs"] if each["gaps"]]
            for rows in _rows(source, here, place, gaps):
                found += _answered(project, interpreter, module, rows, place / "answers.json")
    answers = Answers(project, source, tuple(found), signature, out)
    if out is not None:
        write_whole(out, _as_csv(found) if out.suffix == ".csv" else (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode())
    return prediction_page(answers)


def _interpreter(project: Path, reporter: Reporter) -> Path:
    """The project's own; its environment is made from the lock where there is none yet."""
    if not (project / ".venv").exists() and (project / "uv.lock").exists():
        reporter.step("Install the project's environment")
        process.run(uv.sync(project), check=True, on_line=reporter.detail)
        reporter.done("")
    return project / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _images(source: str, here: Path) -> list[Path]:
    """The files to ask about: one, or those of a folder and the folders in it."""
    path = here / source
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
        if not files:
            raise UsageError("The folder holds no file", where=str(path))
        return files
    if not path.is_file():
        raise UsageError(f"{source} is no file and no folder", todo="Give the file of an image, or a folder of them: this model is asked about images.")
    return [path]


def _of_images(project: Path, interpreter: Path, module: Path, files: Sequence[Path], place: Path) -> list[dict[str, Any]]:
    """Each answer with the name of its `file`."""
    listed = place / "images.json"
    listed.write_text(json.dumps([str(file.resolve()) for file in files]), encoding="utf-8")
    answers = _answered(project, interpreter, module, _Rows(listed, "images"), place / "answers.json")
    return [{"file": file.name, **answer} for file, answer in zip(files, answers, strict=True)]


def _rows(source: str, here: Path, place: Path, gaps: Sequence[str]) -> Iterable[_Rows]:
    text = sys.stdin.read() if source == "-" else source
    if text.lstrip().startswith(("{", "[")):
        yield _records(text, place, gaps)
        return
    path = here / source
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
        if not files:
            raise UsageError("The folder holds no file", where=str(path))
        for each in files:
            yield _file(each, place, gaps)
    elif path.exists():
        yield _file(path, place, gaps)
    else:
        raise UsageError(f"{source} is no file, no folder and no JSON", todo='Give a file of rows, or one record: ferrata predict \'{"column": value, …}\'.')


def _file(path: Path, place: Path, gaps: Sequence[str]) -> _Rows:
    if path.suffix in (".json", ".jsonl"):
        text = path.read_text(encoding="utf-8")
        return _records(f"[{','.join(line for line in text.splitlines() if line.strip())}]" if path.suffix == ".jsonl" else text, place, gaps)
    return _Rows(path.resolve(), "parquet" if path.suffix == ".parquet" else "data")


def _records(text: str, place: Path, gaps: Sequence[str]) -> _Rows:
    """As the service takes them: what may be null may be left out."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(f"The record is not JSON: {error}", todo='Write it as {"column": value, …}; names and texts in double quotes.') from error
    records = found if isinstance(found, list) else [found]
    if not all(isinstance(record, dict) for record in records):
        raise UsageError("A record is a JSON object, one value for each column", todo='Write it as {"column": value, …}.')
    target = place / "records.json"
    target.write_text(json.dumps([{**dict.fromkeys(gaps), **record} for record in records]), encoding="utf-8")
    return _Rows(target, "records")


def _answered(project: Path, interpreter: Path, module: Path, rows: _Rows, target: Path) -> list[dict[str, Any]]:
    target.unlink(missing_ok=True)
    outcome = process.run(python.answers(interpreter, project, module, rows.path, target, rows.kind))
    if not target.exists():
        said = (outcome.error.strip().splitlines() or ["it said nothing"])[-1]
        raise OutsideError("The prediction function stopped", where=str(module), todo=f"It said: {said}. Has the pipeline been run here (`ferrata run`)?")
    return list(json.loads(target.read_text(encoding="utf-8")))


def _as_csv(answers: list[dict[str, Any]]) -> bytes:
    import io

    names = list(dict.fromkeys(name for answer in answers for name in answer.get("probabilities", {})))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["file" if any("file" in answer for answer in answers) else "row", "prediction", *(f"probability {name}" for name in names), "rejected"])
    for number, answer in enumerate(answers):
        chances = answer.get("probabilities", {})
        why = answer.get("rejected", {})
        said = f"{why['field']}: {why['message']}" if why else ""
        writer.writerow([answer.get("file", answer.get("row", number)), answer.get("prediction"), *(chances.get(name) for name in names), said])
    return stream.getvalue().encode()
