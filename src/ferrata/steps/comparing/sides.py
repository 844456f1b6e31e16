"""What a version recorded, read from a folder that holds it: the working tree, or a clone with its results checked out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.programs import tables
from ferrata.records.evidence import Column, DataRows, Flip, Side, Version
from ferrata.records.project import Stage
from ferrata.steps.comparing.masking import masked
from ferrata.store.pipelines.lock import read_lock
from ferrata.store.pipelines.params import read_values
from ferrata.store.pipelines.sources import find_sources
from ferrata.world import process

TABLES = (".parquet", ".csv")
DATA = (".csv", ".tsv", ".txt", ".parquet")


def predictions_place(stages: Sequence[Stage]) -> str:
    """The table of predictions that the pipeline writes; ProjectError where it writes none."""
    places = [stage.place(path) for stage in stages for path in stage.results]
    found = [place for place in places if Path(place).stem == "predictions" and Path(place).suffix in TABLES]
    if not found:
        todo = "Write evaluation/predictions.parquet with the columns row, truth and prediction, and name it among the results of a stage."
        raise ProjectError("The pipeline records no predictions, and without rows there is nothing to be sure of", where="dvc.yaml", todo=todo)
    return found[0]


def data_places(project: Path, stages: Sequence[Stage]) -> list[str]:
    """Tables of data that the pipeline reads."""
    return [source.place for source in find_sources(project, stages) if Path(source.place).suffix in DATA]


def read_side(project: Path, stages: Sequence[Stage], version: Version, *, python: Path, scratch: Path) -> Side:
    """ProjectError where the project's packages cannot read its predictions."""
    place = predictions_place(stages)
    data = [project / each for each in data_places(project, stages) if (project / each).is_file()]
    target = scratch / "side.npz"
    outcome = process.run(tables.located_rows(python, project / place, data, target))
    if outcome.status != 0:
        lines = [line for line in outcome.error.splitlines() if line.strip()]
        why = f": {lines[-1]}" if lines else ""
        raise ProjectError(f"The predictions of {version.name} cannot be read{why}", where=place, todo="See whether pandas and pyarrow are in uv.lock.")
    columns, rows = _read(target)
    params = dict(_leaves(_params(project, stages)))
    return Side(version, columns, rows, params, _metrics(project, stages), *_costs(project, stages))


def kept_predictions(project: Path, place: str, md5: str, *, scratch: Path) -> Side | None:
    """The table of an earlier run, from the cache; None where it is not there, or the project's packages cannot read it."""
    from ferrata.store.cache import open_cache

    kept, python = Path(open_cache(project).path(md5)), project / ".venv" / "bin" / "python"
    if not kept.is_file() or not python.exists():
        return None
    table, target = scratch / f"{md5}{Path(place).suffix}", scratch / f"{md5}.npz"
    if not target.exists():
        table.symlink_to(kept)
        outcome = process.run(tables.located_rows(python, table, (), target))
        if outcome.status != 0:
            return None
    return Side(Version(md5), _read(target)[0])


def _read(file: Path) -> tuple[dict[str, Any], DataRows | None]:
    import numpy as np

    with np.load(file, allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        columns = {name: arrays[f"prediction:{number}"] for number, name in enumerate(about["columns"])}
        found = about["data"]
        if found is None:
            return columns, None
        cells = {number: arrays[f"cells:{number}"] for number in range(len(found["columns"])) if f"cells:{number}" in arrays}
        described = tuple(
            Column(each["name"], each["kind"], arrays[f"hash:{number}"], cells.get(number), tuple(each["categories"]))
            for number, each in enumerate(found["columns"])
        )
        return columns, DataRows(Path(found["file"]), found["way"], arrays["places"], found["target"], found["rows"], described)


def _params(project: Path, stages: Sequence[Stage]) -> Mapping[str, Any]:
    files = dict.fromkeys(stage.place(file.path) for stage in stages for file in stage.sources)
    found = {file: read_values(project / file) for file in files if (project / file).is_file()}
    return found["params.yaml"] if list(found) == ["params.yaml"] else found


def _metrics(project: Path, stages: Sequence[Stage]) -> dict[str, float]:
    found: dict[str, float] = {}
    for stage in stages:
        for path in stage.metrics:
            if (project / stage.place(path)).is_file():
                values = _leaves(read_values(project / stage.place(path)))
                found |= {name: float(value) for name, value in values if isinstance(value, (int, float)) and not isinstance(value, bool)}
    return found


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value


def _costs(project: Path, stages: Sequence[Stage]) -> tuple[int, float]:
    """(bytes of the model's files, seconds of the run that gave this lock); 0 where they are not recorded."""
    rows = [row for entry in read_lock(project).values() for row in entry.get("outs") or ()]
    size = sum(int(row.get("size") or 0) for row in rows if str(row["path"]).startswith(("model/", "models/")))
    return size, _seconds(project, [stage.name for stage in stages])


def _seconds(project: Path, names: Sequence[str]) -> float:
    import hashlib

    lock = project / "dvc.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else ""
    for file in sorted((project / ".ferrata" / "runs").glob("*.json"), reverse=True):
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        ran = {stage["name"]: stage["seconds"] for stage in record.get("stages", ()) if stage.get("action") == "ran"}
        if record.get("lock") == digest and set(names) <= set(ran):
            return float(sum(ran.values()))
    return 0.0


def with_cells(flips: Sequence[tuple[Flip, int]], data: DataRows | None, python: Path) -> tuple[Flip, ...]:
    """Each with its row of the data file, personal data masked."""
    from dataclasses import replace

    if data is None or not flips:
        return tuple(flip for flip, _ in flips)
    outcome = process.run(tables.records(python, data.file, [place for _, place in flips]))
    text = outcome.output.partition("ROWS")[2]
    if outcome.status != 0 or not text:
        return tuple(flip for flip, _ in flips)
    return tuple(replace(flip, cells=masked(row)) for (flip, _), row in zip(flips, json.loads(text), strict=True))
