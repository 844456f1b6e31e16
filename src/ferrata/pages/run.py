"""The page of `ferrata run`: what became of each stage, which numbers moved, and where to look when one failed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.amount import elapsed, memory
from ferrata.records.page import Code, Page, Section, Table, Text
from ferrata.records.run import StageRun

if TYPE_CHECKING:
    from ferrata.records.run_record import RunRecord

_STYLES = {"failed": "bad", "skipped": "warn", "would run": "warn", "may run": "warn", "ran": "good", "restored": "good"}
_TRACE = r'(?m)^\s*File "([^"]+)", line (\d+)'
_SIGNALS = {9: "It was killed: most often the memory was used up.", 15: "It was told to stop.", 11: "It crashed in compiled code."}


@dataclass(frozen=True)
class PipelineRun:
    """`before` are the scores of the last run, by file."""

    project: Path
    runs: tuple[StageRun, ...]
    record: RunRecord | None = None
    notes: tuple[str, ...] = ()
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_planned: bool = False


def run_page(run: PipelineRun) -> Page:
    failed = [each for each in run.runs if each.action == "failed"]
    shown = tuple(each for each in run.runs if each.action != "unchanged")
    blocks = [*(Text(note, "warn") for note in run.notes), stages_section(shown), *map(_failure, failed), _scores(run)]
    return Page(_title(run), tuple(block for block in blocks if block), _data(run), _next(run, shown, bool(failed)), 1 if failed else 0)


def _next(run: PipelineRun, shown: tuple[StageRun, ...], is_failed: bool) -> str:
    if run.is_planned:
        return "ferrata run" if shown else ""
    return "git add --all && git commit" if shown and not is_failed else ""


def _title(run: PipelineRun) -> str:
    counts = {action: sum(1 for each in run.runs if each.action == action) for action in ("ran", "restored", "failed", "would run", "may run")}
    said = [f"{count} {action}" for action, count in counts.items() if count]
    if not run.runs:
        return f"{run.project.name}: a project without stages"
    return f"{run.project.name}: {', '.join(said)} of {len(run.runs)} stages" if said else f"{run.project.name}: everything is up to date"


def stages_section(shown: tuple[StageRun, ...]) -> Section | None:
    rows = tuple((each.name, each.action, each.why, elapsed(each.seconds) if each.seconds else "", memory(each.memory)) for each in shown)
    styles = tuple(_STYLES.get(each.action, "") for each in shown)
    return Section("Stages", (Table(("stage", "what", "why", "time", "memory"), rows, styles=styles),)) if rows else None


def _failure(run: StageRun) -> Section:
    lines = [line for line in run.lines if line.strip()][-20:]
    blocks: list[Any] = [Text(run.why, "bad"), Text(f"Command: {run.command}")]
    if lines:
        blocks.append(Code("\n".join(lines)))
    blocks += [Text(f"Look at: {hint}", "strong") for hint in _hints(run)]
    return Section(f"{run.name} failed; its last results are back in their place", tuple(blocks))


def _hints(run: StageRun) -> Iterator[str]:
    """What helps, the likeliest first."""
    text = "\n".join(run.lines)
    if places := [(path, line) for path, line in re.findall(_TRACE, text) if "site-packages" not in path and "/lib/python" not in path]:
        yield f"{places[-1][0]}, line {places[-1][1]}"
    if missing := re.search(r"(?:ModuleNotFoundError: No module named|ImportError: No module named) '([\w.]+)'", text):
        yield f"pyproject.toml: {missing.group(1)} is not installed in the project's environment (`uv add`, `uv sync`)"
    if missing := re.search(r"KeyError: '([A-Z][A-Z0-9_]+)'", text):
        yield f"dvc.yaml: a stage sees only the variables it names (`meta: {{env: [{missing.group(1)}]}}`)"
    if run.status == 127:
        yield "the command's first word: the shell does not find that program"
    if run.status < 0 or run.status > 128:
        yield _SIGNALS.get(-run.status if run.status < 0 else run.status - 128, f"signal {abs(run.status)} ended it")
    if run.log:
        yield f"{run.log}: all that it wrote"


def _scores(run: PipelineRun) -> Section | None:
    """Those that moved, else all."""
    if run.record is None:
        return None
    rows = []
    for file, numbers in run.record.scores.items():
        for name, value in numbers.items():
            old = run.before.get(file, {}).get(name)
            rows.append((name, "" if old is None else f"{old:.6g}", f"{value:.6g}", "" if old is None or old == value else f"{value - old:+.3g}"))
    moved = tuple(row for row in rows if row[1] != row[2]) or tuple(rows)
    return Section("Scores", (Table(("score", "before", "now", "change"), moved[:40]),)) if moved else None


def _data(run: PipelineRun) -> dict[str, Any]:
    actions = {each.action for each in run.runs}
    outcome = "planned" if run.is_planned else "failed" if "failed" in actions else "done" if actions - {"unchanged"} else "up-to-date"
    return {
        "schema_version": SCHEMA_VERSION,
        "project": str(run.project),
        "outcome": outcome,
        "stages": [stage_data(each) for each in run.runs],
        "scores": run.record.scores if run.record else {},
        "record": f".ferrata/runs/{run.record.id}.json" if run.record else None,
        "notes": list(run.notes),
    }


def stage_data(run: StageRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "action": run.action,
        "why": run.why or None,
        "changes": [{"kind": each.kind, "name": each.name, "before": each.before, "after": each.after} for each in run.changes],
        "seconds": round(run.seconds, 3),
        "peak_memory": run.memory,
        "failure": {"command": run.command, "status": run.status, "lines": list(run.lines), "log": run.log or None} if run.action == "failed" else None,
    }
