"""The page of `ferrata` alone: where this folder stands, and what is next."""

from __future__ import annotations

import os
import shlex
from dataclasses import asdict
from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.pages.levels import level_style, level_words
from ferrata.records.page import Page, Section, Table, Text
from ferrata.records.proof import Level
from ferrata.records.standing import KEPT_DAYS, Leftover, ProofStanding, StageStanding, Standing

_MOST_LEFTOVERS = 3


def standing_page(standing: Standing) -> Page:
    if standing.project is None:
        return _page_without_project(standing)
    blocks = (_proofs(standing.proofs), _stages(standing.stages), _changes(standing.changed), _kept(standing.leftovers))
    title = f"{standing.project.name}: {_summary(standing)}"
    return Page(title, tuple(block for block in blocks if block), standing_data(standing), _next(standing))


def standing_data(standing: Standing) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "project": str(standing.project) if standing.project else None,
        "notebooks": [str(notebook) for notebook in standing.notebooks],
        "stages": [
            {
                "name": stage.name, "command": stage.command, "up_to_date": not (stage.reason or stage.after), "reason": stage.reason or None,
                "changes": [asdict(change) for change in stage.changes], "after": list(stage.after), "to_restore": list(stage.to_restore),
                "frozen": stage.is_frozen,
            }
            for stage in standing.stages
        ],
        "proofs": [asdict(proof) for proof in standing.proofs],
        "changed_files": standing.changed,
        "leftovers": [{"path": str(left.path), "days": round(left.days, 2)} for left in standing.leftovers],
    }


def _page_without_project(standing: Standing) -> Page:
    names = [os.path.relpath(notebook, standing.folder) for notebook in standing.notebooks]
    if names:
        title = "No project here yet"
        found: Section | Text = Section("Notebooks found", tuple(Text(name) for name in names))
    else:
        title = "No project and no notebook here"
        found = Text("`ferrata adopt NOTEBOOK` turns a Jupyter notebook into a project.")
    blocks = (found, _leftovers(standing.leftovers))
    next_command = f"ferrata adopt {shlex.quote(names[0])}" if names else ""
    return Page(title, tuple(block for block in blocks if block), standing_data(standing), next_command)


def _summary(standing: Standing) -> str:
    stale = sum(1 for stage in standing.stages if stage.reason)
    if not standing.stages:
        return "a project without stages"
    if stale:
        return f"{stale} of {len(standing.stages)} stages must run again"
    if any(stage.to_restore for stage in standing.stages):
        return "up to date but for results to be taken from the cache"
    return "everything is up to date"


def _proofs(proofs: tuple[ProofStanding, ...]) -> Section | Text:
    if not proofs:
        return Text("Nothing is proved yet: there is no record in evidence/.", "warn")
    rows = tuple((proof.subject, _compared(proof), _level(proof.level), proof.file) for proof in proofs)
    styles = tuple(level_style(Level(proof.level)) if proof.level in set(Level) else "" for proof in proofs)
    return Section("Proofs", (Table(("what", "compared", "verdict", "record"), rows, styles=styles),))


def _compared(proof: ProofStanding) -> str:
    counts = ((proof.scores, "scores"), (proof.rows, "rows"))
    return ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing"


def _level(text: str) -> str:
    return level_words(Level(text)) if text in {level.value for level in Level} else text


def _stages(stages: tuple[StageStanding, ...]) -> Section | None:
    rows = tuple((stage.name, _state(stage), stage.command) for stage in stages)
    styles = tuple("warn" if stage.reason or stage.after or stage.to_restore else "good" for stage in stages)
    return Section("Stages", (Table(("stage", "state", "command"), rows, styles=styles),)) if rows else None


def _state(stage: StageStanding) -> str:
    if stage.reason:
        return f"must run: {stage.reason}"
    if stage.is_frozen:
        return "frozen"
    if stage.after:
        return f"may have to run: after {', '.join(stage.after)}"
    return f"up to date; to restore: {', '.join(stage.to_restore)}" if stage.to_restore else "up to date"


def _changes(changed: int | None) -> Text | None:
    if changed is None:
        return None
    files = "file differs" if changed == 1 else "files differ"
    return Text(f"{changed} {files} from the last commit." if changed else "Everything is committed.", "" if changed else "faint")


def _kept(leftovers: tuple[Leftover, ...]) -> Text | None:
    """In a project one line: what unfinished adoptions left is about other notebooks, as a rule."""
    if not leftovers:
        return None
    places = " and ".join(dict.fromkeys(str(left.path.parent) for left in leftovers))
    unfinished = "1 unfinished command" if len(leftovers) == 1 else f"{len(leftovers)} unfinished commands"
    stays = f"the same command continues from it, and it goes by itself {KEPT_DAYS} days after its last use"
    return Text(f"What {unfinished} left is in {places}: {stays}.", "faint")


def _leftovers(leftovers: tuple[Leftover, ...]) -> Section | None:
    """What an unfinished adopt left: the same command continues from it, removing it only costs time."""
    if not leftovers:
        return None
    newest = sorted(leftovers, key=lambda left: left.days)[:_MOST_LEFTOVERS]
    rows = tuple((str(left.path), _age(left.days)) for left in newest)
    more = f"and {len(leftovers) - len(newest)} older; " if len(leftovers) > len(newest) else ""
    command = f"rm -rf {' '.join(shlex.quote(str(left.path)) for left in newest)}"
    note = Text(f"{more}each goes by itself {KEPT_DAYS} days after its last use. To remove now: {command}", "faint")
    return Section("Left by unfinished commands (the same command continues from it; it may be removed)", (Table(("folder", "last used"), rows), note))


def _age(days: float) -> str:
    hours = round(days * 24)
    return f"{round(days)} days ago" if days >= 2 else f"{hours} hours ago" if hours >= 2 else "just now"


def _next(standing: Standing) -> str:
    if any(stage.reason or stage.to_restore for stage in standing.stages):
        return "ferrata run"
    return "git add --all && git commit" if standing.changed else ""
