"""What the commit says came out: scores, predictions and digests, kept before anything runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.steps.verifying.copy import Copy
from ferrata.steps.verifying.supply import Supply, pull_apart
from ferrata.store import workspace
from ferrata.store.pipelines.lock import read_lock
from ferrata.store.pipelines.params import read_values
from ferrata.store.pipelines.pipeline import top_metrics

TABLES = (".parquet", ".csv")
_EVALUATION = "evaluation"


@dataclass(frozen=True)
class Recorded:
    """`files` is a folder with the recorded files in their places; `metrics` are compared by value, `digests` are what `dvc.lock` has for each result."""

    files: Path
    metrics: tuple[str, ...]
    digests: Mapping[str, str]

    def tables(self) -> Iterator[str]:
        """Recorded predictions, and those that only `dvc.lock` names."""
        found = {path.relative_to(self.files).as_posix() for path in self.files.rglob("predictions.*") if path.suffix in TABLES}
        yield from sorted(found | {place for place in self.digests if is_table(place)})


def is_table(place: str) -> bool:
    path = Path(place)
    return path.stem == "predictions" and path.suffix in TABLES


def keep_recorded(copy: Copy, stages: Sequence[Stage], supply: Supply) -> Recorded:
    """From Git, else from where the data is; what is in neither is not comparable later."""
    digests = locked_digests(copy.project, stages)
    metrics = tuple(dict.fromkeys([*(stage.place(path) for stage in stages for path in stage.metrics), *top_metrics(copy.project)]))
    results = [stage.place(path) for stage in stages for path in stage.results]
    wanted = dict.fromkeys([*metrics, *(place for place in results if is_table(place) or place == _EVALUATION)])
    recorded = Recorded(copy.folder / "recorded" / "files", metrics, digests)
    recorded.files.mkdir(parents=True)
    absent = [place for place in wanted if not _keep(copy.project / place, recorded.files / place)]
    cache = pull_apart(supply, [digests[place] for place in absent if digests.get(place)], copy.folder / "recorded")
    for place in absent:
        if digests.get(place) and not cache.missing([digests[place]]):
            try:
                workspace.checkout(cache, digests[place], recorded.files / place)
            except ProjectError:  # a part of a folder is missing there
                continue
    return recorded


def _keep(source: Path, target: Path) -> bool:
    if not source.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
    return True


def locked_digests(project: Path, stages: Sequence[Stage]) -> dict[str, str]:
    """What `dvc.lock` has for every result of a stage; "" for what it has not."""
    entries = read_lock(project)
    found: dict[str, str] = {}
    for stage in stages:
        rows = {str(row["path"]): row for row in entries.get(stage.name, {}).get("outs") or ()}
        found |= {stage.place(path): str(rows.get(path, {}).get("md5", "")) for path in stage.results}
    return found


def values_in(path: Path) -> dict[str, Any]:
    """Every value of a file of metrics by its dotted name; the whole text, without a name, of a file that is no mapping."""
    try:
        return dict(_leaves(read_values(path)))
    except ProjectError:
        return {"": path.read_text(encoding="utf-8", errors="replace")} if path.is_file() else {}


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value
