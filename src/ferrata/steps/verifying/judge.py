"""What was recorded and what came out: scores by value, predictions row by row, everything else by its digest."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.programs import python
from ferrata.programs.isolation import isolated
from ferrata.records.project import Stage
from ferrata.records.proof import Comparison, Level, Proof, RowComparison
from ferrata.records.verification import SUBJECT
from ferrata.statistics.compare import CLOCKS, compare, compare_rows, worst
from ferrata.steps.verifying.copy import Copy, variables_for, with_variables
from ferrata.steps.verifying.recorded import Recorded, locked_digests, values_in
from ferrata.world import process

GOOD = (Level.IDENTICAL, Level.EQUAL, Level.WITHIN_NOISE)
_NOT_RECORDED = "what was recorded is neither in Git nor where the data is"


def judge(copy: Copy, stages: Sequence[Stage], recorded: Recorded, conditions: Sequence[tuple[str, str]]) -> tuple[Proof, tuple[Comparison, ...]]:
    """The proof, and the artefacts. These decide only where there is neither a score nor a prediction."""
    obtained = locked_digests(copy.project, stages)
    scores = tuple(each for file in recorded.metrics for each in _scores(copy, recorded, obtained, file))
    rows = tuple(each for place in recorded.tables() for each in _rows(copy, stages, recorded, obtained, place))
    artifacts = tuple(_artifact(place, recorded.digests[place], obtained.get(place, "")) for place in recorded.digests if place not in recorded.metrics)
    levels = [*(score.level for score in scores), *(row.level for row in rows)] or [each.level for each in artifacts]
    return Proof(SUBJECT, worst(levels), scores, rows, conditions=tuple(conditions)), artifacts


def outcome_of(proof: Proof, artifacts: Sequence[Comparison]) -> str:
    """A difference is told before what cannot be compared."""
    if proof.level in GOOD:
        return "verified"
    levels = {*(each.level for each in proof.scores), *(each.level for each in proof.predictions)} or {each.level for each in artifacts}
    return "different" if Level.DIFFERENT in levels else "not-comparable"


def _scores(copy: Copy, recorded: Recorded, obtained: Mapping[str, str], file: str) -> Iterator[Comparison]:
    expected_file = recorded.files / file
    if not expected_file.is_file():
        yield _by_digest(file, recorded.digests.get(file, ""), obtained.get(file, ""))
        return
    expected, found = values_in(expected_file), values_in(copy.project / file)
    for name in dict.fromkeys([*expected, *found]):
        if name.rpartition(".")[2] not in CLOCKS:
            yield _score(_title(recorded, file, name), name, expected, found)


def _title(recorded: Recorded, file: str, name: str) -> str:
    return f"{file}: {name}" if name and len(recorded.metrics) > 1 else name or file


def _score(title: str, name: str, expected: Mapping[str, Any], obtained: Mapping[str, Any]) -> Comparison:
    if name not in expected or name not in obtained:
        why = "the pipeline did not compute it" if name in expected else "it is not in the recorded results"
        return Comparison(title, expected.get(name), obtained.get(name), Level.NOT_COMPARABLE, why=why)
    return compare(title, expected[name], obtained[name])


def _by_digest(name: str, expected: str, obtained: str) -> Comparison:
    if expected and expected == obtained:
        return Comparison(name, expected, obtained, Level.IDENTICAL)
    return Comparison(name, expected or None, obtained or None, Level.NOT_COMPARABLE, why=_NOT_RECORDED)


def _artifact(place: str, expected: str, obtained: str) -> Comparison:
    if not expected:
        return Comparison(place, None, obtained or None, Level.NOT_COMPARABLE, why="dvc.lock does not name it")
    return Comparison(place, expected, obtained or None, Level.IDENTICAL if expected == obtained else Level.DIFFERENT)


def _rows(copy: Copy, stages: Sequence[Stage], recorded: Recorded, obtained: Mapping[str, str], place: str) -> Iterator[RowComparison]:
    expected_file, obtained_file = recorded.files / place, copy.project / place
    is_same = bool(recorded.digests.get(place)) and recorded.digests[place] == obtained.get(place)
    if not expected_file.is_file() or not obtained_file.is_file():
        yield _unread(place, is_same, _NOT_RECORDED if obtained_file.is_file() else "the pipeline did not write them")
        return
    expected, found = (_columns(copy, stages, file) for file in (expected_file, obtained_file))
    if expected is None or found is None:
        is_same = expected_file.read_bytes() == obtained_file.read_bytes()
        yield _unread(place, is_same, "the project's environment has nothing that reads the table")
        return
    if list(expected) != list(found):
        yield RowComparison(place, 0, 0, Level.DIFFERENT, why=f"columns {', '.join(expected)} expected, {', '.join(found)} obtained")
        return
    yield from (compare_rows(f"{place}: {name}", expected[name], found[name]) for name in expected)


def _unread(place: str, is_same: bool, why: str) -> RowComparison:
    return RowComparison(place, 0, 0, Level.IDENTICAL, why="the file is the same to the last bit") if is_same else RowComparison(
        place, 0, 0, Level.NOT_COMPARABLE, why=why
    )


def _columns(copy: Copy, stages: Sequence[Stage], file: Path) -> Mapping[str, Any] | None:
    """None where it cannot be read."""
    return _csv_columns(file) if file.suffix == ".csv" else _parquet_columns(copy, stages, file)


def _csv_columns(file: Path) -> Mapping[str, Any] | None:
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        header, *rows = list(csv.reader(stream)) or [[]]
    if any(len(row) != len(header) for row in rows):
        return None
    return {name: _typed([row[number] for row in rows]) for number, name in enumerate(header)}


def _typed(cells: Sequence[str]) -> Any:
    """Numbers where every cell is one."""
    import numpy as np

    for kind in (int, float):
        try:
            return np.array([kind(cell) for cell in cells])
        except (ValueError, OverflowError):
            continue
    return np.array(cells)


def _parquet_columns(copy: Copy, stages: Sequence[Stage], file: Path) -> Mapping[str, Any] | None:
    """Read by the project's own packages, which see what its stages see."""
    import numpy as np

    target = copy.place("tmp") / "table.npz"
    target.unlink(missing_ok=True)
    command = with_variables(python.table_to_arrays(copy.python, file, target), variables_for(copy, stages[0], {}))
    if process.run(isolated(command, copy.isolation)).status != 0:
        return None
    with np.load(target, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
