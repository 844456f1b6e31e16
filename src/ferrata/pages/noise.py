"""The page of `ferrata noise`: how much each score moves with other seeds, and with other splits."""

from __future__ import annotations

from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.evidence import Measured, Moved
from ferrata.records.page import Page, Section, Table, Text

_TITLES = {"training": "Other seeds, the same test rows", "split": "Other splits: other test rows, and another training"}


def noise_page(measured: Measured) -> Page:
    moved = {each.kind: each for each in measured.moved}
    blocks: list[Any] = [*(_section(each) for each in measured.moved)]
    if "training" not in moved:
        why = "one seed decides both the split and the training" if "split" in moved else "no prediction depends on a seed"
        blocks.append(Text(f"How much the training alone moves the scores was not measured: {why}.", "warn"))
    if measured.still:
        blocks.append(Text(f"No prediction depends on {', '.join(measured.still)}.", "faint"))
    data = {"schema_version": SCHEMA_VERSION, "project": measured.name, "commit": measured.commit or None, "still": list(measured.still),
            "moved": [_data(each) for each in measured.moved]}  # fmt: skip
    return Page(f"{measured.name}: {_words(measured)}", tuple(blocks), data)


def _words(measured: Measured) -> str:
    first = next(iter(measured.moved), None)
    spread = first.spreads.get(measured.main) if first else None
    if first is None or spread is None:
        return "nothing moves"
    return f"{measured.main} moves by ±{_number(spread.deviation)} with other {'seeds' if first.kind == 'training' else 'splits'}"


def _section(moved: Moved) -> Section:
    rows = []
    for name, found in moved.spreads.items():
        known = f"{_number(found.low)} to {_number(found.high)}"
        shown = [_number(each) for each in (moved.scores[name][0], found.mean, found.deviation)]
        rows.append((name, *shown, known, _number(found.least), _number(found.most)))
    columns = ("score", "recorded", "mean", "deviation", "its 95 % interval", "least", "most")
    count = max((len(values) for values in moved.scores.values()), default=0)
    said = [Text(f"{count} trainings, the recorded one among them; changed: {', '.join(moved.parameters)}.", "faint")]
    if moved.failed:
        said.append(Text(f"{moved.failed} more stopped and are left out: what chance does to them is not in these numbers.", "warn"))
    return Section(_TITLES[moved.kind], (Table(columns, tuple(rows)), *said))


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.5g}"


def _data(moved: Moved) -> dict[str, Any]:
    scores = {name: {"values": list(moved.scores[name]), **vars(found)} for name, found in moved.spreads.items()}
    return {"kind": moved.kind, "parameters": list(moved.parameters), "failed": moved.failed, "scores": scores}
