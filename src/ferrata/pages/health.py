"""The page of `ferrata doctor`: what is missing or low first, then everything that was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.amount import counted
from ferrata.records.health import Check
from ferrata.records.page import Page, Section, Table

_SIGNS = {"ok": ("✓ ok", "good"), "note": ("· ok", ""), "low": ("~ low", "warn"), "missing": ("✗ missing", "bad")}


def health_page(checks: Sequence[Check], project: Path | None) -> Page:
    wanting = [check for check in checks if check.todo]
    rows = tuple((check.name, _SIGNS[check.state][0], check.found) for check in checks)
    styles = tuple(_SIGNS[check.state][1] for check in checks)
    blocks = [Section("What was looked at", (Table(("what", "state", "found"), rows, styles=styles),))]
    if wanting:
        todo = tuple((check.name, check.needed_for, check.todo) for check in wanting)
        marks = tuple(_SIGNS[check.state][1] for check in wanting)
        blocks.append(Section("What is missing, for which step, and how to get it", (Table(("what", "needed for", "how to get it"), todo, styles=marks),)))
    data = {
        "schema_version": SCHEMA_VERSION,
        "project": str(project) if project else None,
        "ready": not any(check.is_in_the_way for check in checks),
        "checks": [asdict(check) for check in checks],
    }
    return Page(_title(checks), tuple(blocks), data, status=0 if data["ready"] else 1)


def _title(checks: Sequence[Check]) -> str:
    blocked = [check.name for check in checks if check.is_in_the_way]
    if blocked:
        return f"This machine is not ready: {', '.join(blocked)}"
    wanting = sum(1 for check in checks if check.state in ("missing", "low"))
    return "This machine has all that is needed" + (f"; {counted(wanting, 'thing')} to know" if wanting else "")
