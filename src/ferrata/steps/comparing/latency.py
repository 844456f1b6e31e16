"""How long one answer takes: both versions' own predict.py on this machine, asked the same rows in turn."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.programs import latency as programs
from ferrata.records.evidence import Latency
from ferrata.records.signature import PROOF_ROWS, Signature
from ferrata.world import process

_MOST_ROWS = 50
_LEAST = 10


def measure(folders: Sequence[Path], signatures: Sequence[Signature], python: Path, scratch: Path) -> tuple[Latency, ...]:
    """Of the first and the second version; () where one does not answer. The rows are the second's proof rows, or the example of its signature."""
    (first, second), kind = folders, signatures[1]["kind"]
    if signatures[0]["kind"] != kind or kind not in ("table", "image", "text"):
        return ()
    inputs = list(_proof_rows(second)) or [signatures[1]["example"]["input"]]
    sides = [(python, folder / about["function"], folder) for folder, about in zip((first, second), signatures, strict=True)]
    rows = [[_asked(each, kind, second) for each in inputs]] * 2
    outcome = process.run(programs.latencies(sides, kind, rows, request=scratch / "latency.json"))
    try:
        one, other = json.loads(outcome.output)
    except ValueError:
        return ()
    answered = [pair for pair in zip(one, other, strict=True) if not any(map(math.isnan, pair))]
    if len(answered) < _LEAST:
        return ()
    return _of([pair[0] for pair in answered]), _of([pair[1] for pair in answered])


def _proof_rows(project: Path) -> Iterator[Mapping[str, Any]]:
    place = project / PROOF_ROWS
    if place.is_file():
        with place.open(encoding="utf-8") as file:
            for line, _ in zip(file, range(_MOST_ROWS), strict=False):
                yield json.loads(line)["input"]


def _asked(row: Mapping[str, Any], kind: str, project: Path) -> object:
    """The files of the second version are there for both: the data of the first need not be."""
    if kind == "table":
        return row
    asked = str(next(iter(row.values())))
    return str(project / asked) if kind == "image" else asked


def _of(seconds: list[float]) -> Latency:
    import numpy as np

    low, median, high = np.quantile(seconds, [0.25, 0.5, 0.75]).tolist()
    return Latency(len(seconds), median, low, high)
