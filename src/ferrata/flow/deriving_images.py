"""The prediction function of a model of images: which file each row was, then every file again."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from ferrata.records.derivation import Derivation, Obstacle, Rehearsal
from ferrata.records.plan import Plan, PredictionPlan
from ferrata.records.serving import Serving
from ferrata.records.signature import PLACE
from ferrata.steps.deriving.companions import with_section, write_test
from ferrata.steps.deriving.contract import (
    card,
    evidence,
    evidence_page,
    image_signature,
    kept_of,
    proof_of,
    why_different,
)
from ferrata.steps.deriving.images.module import write_image_module
from ferrata.steps.deriving.module import Shape
from ferrata.steps.prove import CleanRun

SECONDS_ONE_BY_ONE = 120.0


class Attempt(Protocol):
    """What is used of the attempt to derive a function."""

    ran: Any
    said: str
    folder: Path
    asked: PredictionPlan

    def place(self, plan: Plan) -> tuple[str, Shape]: ...
    def task(self, clean: CleanRun, job: Mapping[str, Any]) -> dict[str, Any] | None: ...
    def rows_of(self, plan: Plan) -> str: ...


def finish_images(attempt: Attempt, plan: Plan, derivation: Derivation, clean: CleanRun) -> Serving | Obstacle:
    """Rehearse the function in the clean project, write it there, and replay every image that the model was asked about."""
    path, shape = attempt.place(plan)
    told = derivation.images or {}
    text, _ = write_image_module(attempt.ran.code, derivation, shape)
    truth = str(attempt.ran.observation.folder / "arrays" / attempt.asked.array) if attempt.asked.array else ""
    rehearsed = attempt.task(clean, {
        "task": "rehearse_images", "text": text, "path": str(clean.folder / path), "kept": str(attempt.folder),
        "data": [item.path for item in plan.data], "model": derivation.model, "truth": truth,
        "classes": next((about["classes"] for about in told.get("torch", {}).get("sets", ())), None),
    })
    if rehearsed is None or "why" in rehearsed:
        return Obstacle(-1, rehearsed["why"] if rehearsed else f"the function does not run on the images: {attempt.said}")
    rehearsal = _rehearsal(rehearsed, derivation, plan)
    text, _ = write_image_module(attempt.ran.code, derivation, replace(shape, rehearsal=rehearsal))
    (clean.folder / path).write_text(text, encoding="utf-8")
    started = time.monotonic()
    replayed = attempt.task(clean, {
        "task": "replay_images", "predict": str(clean.folder / path), "kept": str(attempt.folder), "files": rehearsed["files"], "told": told,
        "seconds": SECONDS_ONE_BY_ONE,
    })
    if replayed is None:
        return Obstacle(-1, f"the function does not run on the images: {attempt.said}")
    proof = replace(proof_of(replayed, "the training rows" if told.get("is_seen") else attempt.rows_of(plan), time.monotonic() - started), what="images")
    if proof.mismatches or not proof.rows:
        return Obstacle(-1, why_different(replayed, "images"))
    kept = kept_of(replayed["kept"])
    contract = image_signature(plan, path, derivation, rehearsal, proof, {**rehearsed, **replayed})
    readme = (clean.folder / "README.md").read_text(encoding="utf-8")
    return Serving(proof, {
        path: text, "tests/test_predict.py": write_test(path, is_image=True, bound=proof.bound), "README.md": with_section(readme, path, derivation, proof),
        PLACE: as_json(contract), "model/card.md": card(plan, derivation, rehearsal, proof),
        "evidence/predict.json": as_json(evidence(proof, derivation, kept)), "evidence/predict.md": evidence_page(proof, derivation, kept),
    }, "raw", kept)


def _rehearsal(found: Mapping[str, Any], derivation: Derivation, plan: Plan) -> Rehearsal:
    is_classes = bool(derivation.classes or found["labels"] or (plan.model and plan.model.kind == "classifier"))
    labels = tuple((a, b) for a, b in found["labels"])
    return Rehearsal((), {}, (), (), labels, "", {}, "classification" if is_classes else "regression")


def as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


__all__ = ["as_json", "finish_images"]
