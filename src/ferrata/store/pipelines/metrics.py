"""The numbers in files of metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.store.pipelines.params import read_values


def read_scores(project: Path, stages: Sequence[Stage], more: Sequence[str] = ()) -> dict[str, Any]:
    """{file: {dotted name: number}} of every file of metrics that is there and can be read."""
    files = dict.fromkeys([*(stage.place(path) for stage in stages for path in stage.metrics), *more])
    found = {file: dict(_numbers(project / file)) for file in files}
    return {file: numbers for file, numbers in found.items() if numbers}


def _numbers(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        yield from flat(read_values(path))
    except (ProjectError, UnicodeDecodeError):
        return


def flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every number of nested mappings by its dotted name."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from flat(item, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield prefix, value
