"""The page of `ferrata history`: every recorded run of the branch, newest first, with what changed since the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ferrata.pages import drawing
from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.amount import counted, elapsed
from ferrata.records.page import Page, Table, Text
from ferrata.records.run_record import RunRecord

_MOST_SCORES = 4


def history_page(project: Path, records: tuple[RunRecord, ...]) -> Page:
    pairs = list(zip(records, (None, *records), strict=False))[::-1]
    data = {
        "schema_version": SCHEMA_VERSION,
        "project": str(project),
        "runs": [{**asdict(record), "changed": list(_changed(record, before))} for record, before in pairs],
    }
    if not records:
        return Page(f"{project.name}: no run is recorded yet", (Text("`ferrata run` runs the pipeline and records it."),), data, "ferrata run")
    names = _score_names(records)
    rows = tuple(_row(record, before, names) for record, before in pairs)
    styles = tuple("bad" if record.outcome == "failed" else "" for record, _ in pairs)
    table = Table(("when", "commit", "time", *names, "what changed"), rows, styles=styles)
    return Page(f"{project.name}: {counted(len(records), 'recorded run')}", (table,), data)


def _row(record: RunRecord, before: RunRecord | None, names: tuple[str, ...]) -> tuple[str, ...]:
    scores = {name: value for numbers in record.scores.values() for name, value in numbers.items()}
    shown = (f"{scores[name]:.6g}" if name in scores else "" for name in names)
    what = "; ".join(_changed(record, before)) or ("the first run" if before is None else "nothing that is recorded")
    failed = [stage["name"] for stage in record.stages if stage["action"] == "failed"]
    said = f"{', '.join(failed)} failed; {what}" if failed else what
    return (record.started[:19].replace("T", " "), commit_words(record), elapsed(record.seconds), *shown, said)


def commit_words(record: RunRecord) -> str:
    """The commit it ran from, with + for what was not committed."""
    return f"{record.commit[:7]}{'+' if record.uncommitted else ''}" if record.commit else "none"


def _score_names(records: tuple[RunRecord, ...]) -> tuple[str, ...]:
    latest = next((record.scores for record in reversed(records) if record.scores), {})
    return tuple(dict.fromkeys(name for numbers in latest.values() for name in numbers))[:_MOST_SCORES]


def _changed(record: RunRecord, before: RunRecord | None) -> Iterator[str]:
    """Parameters and data from → to, then whether the code is another commit's."""
    if before is None:
        return
    for file, values in record.params.items():
        for name, old, new in _differences(before.params.get(file, {}), values):
            yield f"{name if file == 'params.yaml' else f'{file}:{name}'}: {old} → {new}"
    for place, md5 in record.data.items():
        if before.data.get(place, md5) != md5:
            yield f"{place}: {before.data[place][:7]} → {md5[:7]}"
    if record.commit != before.commit:
        yield f"commit {before.commit[:7] or 'none'} → {record.commit[:7] or 'none'}"
    elif record.uncommitted.get("digest") != before.uncommitted.get("digest"):
        yield "what is not committed"


def _differences(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys([*before, *now]):
        old, new = before.get(key, "nothing"), now.get(key, "nothing")
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _differences(old, new, f"{prefix}{key}.")
        elif old != new:
            yield f"{prefix}{key}", old, new


def course(project: str, score: str, points: Sequence[tuple[RunRecord, float, float, float]], bars: str) -> str:
    """A score over the recorded runs as SVG, the oldest first: (run, low, value, high), without a bar where the ends are NaN; `bars` says what they are."""
    named = [(commit_words(record), low, value, high) for record, low, value, high in points]
    return drawing.course(named, name=f"{score} ({bars})", title=f"{project}: {score} over {counted(len(points), 'recorded run')}")
