"""The proof over HTTP: raw rows go through the running service one by one, in batches and many at once, and its answers are compared with the notebook's."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from ferrata.errors import ProjectError
from ferrata.records.proof import Level
from ferrata.records.service import Grouping, ProofRow, ServiceProof, Way
from ferrata.records.signature import PROOF_ROWS
from ferrata.statistics.compare import BOUND, compare, worst
from ferrata.world.loopback import Caller

SIZES = (2, 3, 8, 16, 32, 64)
MANY = (256, 1000)  # rows of a table, asked again where there are fewer; as files they would be more than one request may hold
_MANY_BYTES = 3_000_000
TOGETHER = 32
_SHOWN = 5
_SAME = (Level.IDENTICAL, Level.EQUAL)
T = TypeVar("T")


def read_rows(project: Path) -> tuple[ProofRow, ...]:
    """() where the project has none. ProjectError for a line that is not {"input": …, "output": …}."""
    place = project / PROOF_ROWS
    return rows_of(project, place.read_text(encoding="utf-8")) if place.is_file() else ()


def rows_of(project: Path, text: str) -> tuple[ProofRow, ...]:
    """The rows of such a file's content; files that they name are those of the project."""
    return tuple(_row(project, line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip())


def _row(project: Path, line: str, number: int) -> ProofRow:
    try:
        found = json.loads(line)
        given, output = found["input"], found["output"]
        assert isinstance(given, dict) and isinstance(output, dict) and "prediction" in output
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        what = 'A proof row is not {"input": {…}, "output": {"prediction": …}}'
        raise ProjectError(what, where=f"{project / PROOF_ROWS}, line {number}", todo="Adopt the notebook again.") from error
    return ProofRow(given, output, project / given["file"] if set(given) == {"file"} else None)


def replay(
    rows: Sequence[ProofRow], host: str, port: int, field: str, *, key: str = "", bound: float | None = None,
    on_count: Callable[[int, int], None] = lambda done, all: None,
) -> ServiceProof:
    """`field` is the signature's name of an image, `bound` that of its proof. The service must be one that groups, so that rows asked for at once do share
    a call."""
    caller = Caller(host, port, key=key)
    identity = caller.get("/version")[1]
    asked = _Asking(caller, field)
    alone = []
    for done, row in enumerate(rows, 1):
        alone.append(asked.one(row))
        on_count(done, len(rows))
    sizes = _sizes(rows)
    batches = {size: asked.in_requests(_again(rows, size), size) for size in sizes}
    with ThreadPoolExecutor(TOGETHER) as pool:
        together = list(pool.map(lambda row: _Asking(Caller(host, port, key=key), field).one(row), rows))
    asked_in = {"one by one": alone, **{f"{size} in a request": answers for size, answers in batches.items()}, f"{TOGETHER} at once": together}
    ways = [_way(name, _again(rows, len(answers)), answers, bound or BOUND) for name, answers in asked_in.items()]
    grouping = _grouping(alone, batches, together, bound or BOUND)
    caller.close()
    return ServiceProof(worst(way.level for way in ways), tuple(ways) if rows else (), grouping, identity)


def replay_briefly(
    rows: Sequence[ProofRow], host: str, port: int, field: str, *, key: str, bound: float | None = None, below: str = "",
) -> ServiceProof:
    """Every row, in requests of up to 64, and the first ones by themselves: for a service whose every way was proved before, and which counts requests."""
    caller = Caller(host, port, key=key, below=below)
    identity = caller.get("/version")[1]
    asked = _Asking(caller, field)
    size = SIZES[-1]
    together = asked.in_requests(rows, size)
    alone = [asked.one(row) for row in rows[:TOGETHER]]
    caller.close()
    ways = (_way(f"{size} in a request", rows, together, bound or BOUND), _way("one by one", rows[:TOGETHER], alone, bound or BOUND))
    return ServiceProof(worst(way.level for way in ways), ways, Grouping(Level.NOT_COMPARABLE, 1), identity if isinstance(identity, dict) else {})


def _sizes(rows: Sequence[ProofRow]) -> tuple[int, ...]:
    """How many rows are asked for in one request."""
    few = tuple(size for size in SIZES if size <= len(rows)) or ((1,) if rows else ())
    if any(row.file is not None for row in rows):
        return few
    longest = max((len(json.dumps(row.input)) for row in rows), default=0)
    return (*few, *(size for size in MANY if len(rows) >= SIZES[-1] and size * longest <= _MANY_BYTES))


def _again(given: Sequence[T], size: int) -> Sequence[T]:
    """At least so many: where there are fewer, from the beginning again."""
    return given if len(given) >= size or not given else tuple(itertools.islice(itertools.cycle(given), size))


class _Asking:
    def __init__(self, caller: Caller, field: str) -> None:
        self._caller, self._field = caller, field

    def one(self, row: ProofRow) -> dict[str, Any]:
        """The answer, or what a refusal says in its place."""
        if row.file is not None:
            status, answer = self._caller.post("/predict", row.file.read_bytes(), "application/octet-stream")
        else:
            status, answer = self._caller.post("/predict", json.dumps(row.input).encode(), "application/json")
        return answer if status == 200 and isinstance(answer, dict) else {"prediction": None, "refused": answer}

    def in_requests(self, rows: Sequence[ProofRow], size: int) -> list[dict[str, Any]]:
        return [answer for start in range(0, len(rows), size) for answer in self.many(rows[start : start + size])]

    def many(self, rows: Sequence[ProofRow]) -> list[dict[str, Any]]:
        if rows[0].file is not None:
            status, answers = self._caller.post("/predict", *_form(self._field, [row.file for row in rows if row.file]))
        else:
            status, answers = self._caller.post("/predict", json.dumps([row.input for row in rows]).encode(), "application/json")
        if status == 200 and isinstance(answers, dict):  # one file in a form is one input
            answers = [answers]
        return answers if status == 200 and len(answers) == len(rows) else [{"prediction": None, "refused": answers}] * len(rows)


def _form(field: str, files: Iterable[Path]) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    name = field.replace("\\", "\\\\").replace('"', '\\"')
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="image"\r\nContent-Type: application/octet-stream\r\n\r\n'
    body = b"".join(head.encode() + file.read_bytes() + b"\r\n" for file in files)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _way(name: str, rows: Sequence[ProofRow], answers: Sequence[dict[str, Any]], bound: float) -> Way:
    """Only what is expected is compared: a probability more is no mismatch."""
    levels: list[Level] = []
    first: list[dict[str, Any]] = []
    for number, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        level = _level(row.output, {key: answer.get(key) for key in row.output}, bound)
        levels.append(level)
        if level not in _SAME and len(first) < _SHOWN:
            first.append({"row": number, "expected": row.output, "obtained": answer})
    mismatches = sum(level not in _SAME for level in levels)
    return Way(name, len(rows), mismatches, worst(levels), tuple(first))


def _grouping(
    alone: Sequence[dict[str, Any]], batches: dict[int, list[dict[str, Any]]], together: Sequence[dict[str, Any]], bound: float
) -> Grouping:
    """Sizes count as long as all of their answers are those of the rows alone."""
    if not alone or any("refused" in answer for answer in alone):
        return Grouping(Level.NOT_COMPARABLE, 1)
    levels, proved = [], []
    for size, answers in batches.items():
        level = worst(_level(one, other, bound) for one, other in zip(_again(alone, len(answers)), answers, strict=True))
        if level not in _SAME:
            break
        levels.append(level)
        proved.append(size)
    at_once = worst(_level(one, other, bound) for one, other in zip(alone, together, strict=True))
    return Grouping(worst([*levels, at_once]), max(proved, default=1), tuple(proved))


def _level(expected: Any, obtained: Any, bound: float, *, is_chance: bool = False) -> Level:
    """As `compare`, but a text is a label here: every character counts. The bound is absolute for probabilities."""
    if isinstance(expected, dict) and isinstance(obtained, dict):
        is_whole = expected.keys() == obtained.keys()
        parts = (_level(expected[key], obtained[key], bound, is_chance=is_chance or key == "probabilities") for key in expected)
        return worst([Level.IDENTICAL, *parts]) if is_whole else Level.DIFFERENT
    if isinstance(expected, list) and isinstance(obtained, list):
        is_whole = len(expected) == len(obtained)
        return worst([Level.IDENTICAL, *(_level(a, b, bound) for a, b in zip(expected, obtained, strict=False))]) if is_whole else Level.DIFFERENT
    if isinstance(expected, (int, float)) and isinstance(obtained, (int, float)):
        found = compare("", expected, obtained, bound=bound).level
        return Level.EQUAL if is_chance and found is Level.DIFFERENT and abs(expected - obtained) <= bound else found
    return Level.IDENTICAL if expected == obtained and type(expected) is type(obtained) else Level.DIFFERENT
