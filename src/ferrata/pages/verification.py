"""The page of `ferrata verify`: does it build elsewhere, what came out there, and what would stop a colleague."""

from __future__ import annotations

import shlex
from dataclasses import asdict, replace
from typing import Any

from ferrata.pages.adoption import comparison_table, proof_section
from ferrata.pages.json import SCHEMA_VERSION
from ferrata.pages.levels import level_style
from ferrata.pages.run import stage_data, stages_section
from ferrata.records.amount import counted
from ferrata.records.page import Page, Section, Table, Text
from ferrata.records.proof import Comparison
from ferrata.records.verification import SUBJECT, Obstacle, Verification

_MOST = 30


def verification_page(verification: Verification) -> Page:
    artifacts = verification.artifacts
    blocks = (
        _obstacles("What would stop a colleague", [each for each in verification.obstacles if each.stops], "bad"),
        stages_section(tuple(replace(run, why="" if run.action == "ran" else run.why) for run in verification.runs)),
        proof_section(verification.proof) if verification.proof else None,
        _artifacts(artifacts) if artifacts else None,
        _obstacles("Good to know", [each for each in verification.obstacles if not each.stops], "warn"),
        Section("Under which conditions", (Table(("", ""), _conditions(verification)),)),
        Text(f"Written to {' and '.join(verification.evidence)}.", "faint") if verification.evidence and not verification.unwritten else None,
        Text(f"The evidence could not be written: {verification.unwritten}", "warn") if verification.unwritten else None,
    )
    status = 0 if verification.outcome == "verified" else 1
    return Page(_title(verification), tuple(block for block in blocks if block), _data(verification), _next(verification), status)


def _title(verification: Verification) -> str:
    name, stops = verification.name, sum(1 for each in verification.obstacles if each.stops)
    if verification.outcome == "does-not-build":
        return f"{name} does not build from a new clone"
    if verification.outcome == "different":
        return f"{name} builds from a new clone, and gives other results than were recorded"
    if verification.outcome == "not-comparable":
        return f"{name} builds from a new clone; what it gives cannot be compared with what was recorded"
    level = verification.proof.level.value if verification.proof else ""
    but = "" if not stops else f"; yet {counted(stops, 'thing')} would stop a colleague"
    return f"{name} builds from a new clone and gives the recorded results: {level}{but}"


def _obstacles(title: str, obstacles: list[Obstacle], style: str) -> Section | None:
    if not obstacles:
        return None
    rows = tuple((each.what, each.where, each.todo) for each in obstacles[:_MOST])
    return Section(title, (Table(("what", "where", "what to do"), rows, styles=(style,) * len(rows)),))


def _artifacts(artifacts: tuple[Comparison, ...]) -> Section:
    """The same ones are counted, the others shown."""
    bad = [each for each in artifacts if level_style(each.level) != "good"]
    counted = Text(f"{len(artifacts) - len(bad)} of {len(artifacts)} files and folders have the recorded hash.", "" if bad else "good")
    return Section("Artefacts", (counted, comparison_table(bad[:_MOST], "result")) if bad else (counted,))


def _conditions(verification: Verification) -> tuple[tuple[str, str], ...]:
    kept = [("clone", f"{verification.kept}, kept")] if verification.kept else []
    return (("commit", f"{verification.origin.commit[:10]}, {verification.origin.words}"), *verification.conditions, *kept)


def _next(verification: Verification) -> str:
    """Where there is something to do, its own line says it best."""
    kinds = {each.kind for each in verification.obstacles if each.stops}
    push = "git push" if verification.origin.kind == "upstream" else f"git push --set-upstream {verification.origin.remote or 'origin'} HEAD"
    commands = {"uncommitted": "git add --all && git commit", "missing-object": "ferrata push", "not-pushed": push, "no-remote": "ferrata remote add URL"}
    for kind, command in commands.items():
        if kind in kinds:
            return command
    if verification.kept and verification.outcome != "verified":
        return f"cd {shlex.quote(str(verification.kept))}"
    if verification.outcome == "does-not-build":
        return "ferrata verify --keep" if verification.runs else ""
    return "git add evidence && git commit" if verification.evidence and not verification.unwritten else ""


def _data(verification: Verification) -> dict[str, Any]:
    proof, origin = verification.proof, verification.origin
    return {
        "schema_version": SCHEMA_VERSION,
        "outcome": verification.outcome,
        "level": proof.level.value if proof else "not built" if verification.outcome == "does-not-build" else None,
        "subject": SUBJECT,
        "stopped": any(each.stops for each in verification.obstacles),
        "origin": {"kind": origin.kind, "place": origin.shown, "branch": origin.branch or None, "commit": origin.commit, "is_head": origin.is_head},
        "scores": [asdict(each) for each in proof.scores] if proof else [],
        "predictions": [asdict(each) for each in proof.predictions] if proof else [],
        "artifacts": [asdict(each) for each in verification.artifacts],
        "stages": [stage_data(each) for each in verification.runs],
        "obstacles": [asdict(each) for each in verification.obstacles],
        "conditions": dict(verification.conditions),
        "clone": str(verification.kept) if verification.kept else None,
    }
