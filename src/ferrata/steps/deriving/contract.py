"""`model/signature.json`, `model/card.md` and the proof's record: what goes in, what comes out, how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from ferrata.records.derivation import Derivation, Kept, Obstacle, PredictProof, Rehearsal
from ferrata.records.plan import Plan
from ferrata.records.signature import PROOF_ROWS, VERSION, Image, Input, OutputType, Signature, Task
from ferrata.steps.deriving.units import unit_of

UNTOLD = frozenset({"arithmetic", "network", "own"})  # kinds of models of which only the answers tell whether they are classes


def rehearsal_of(found: Mapping[str, Any], derivation: Derivation, kind: str) -> Rehearsal:
    """From what the observer found by trying. `kind` is the model's (`classifier`, …)."""
    others: dict[str, Task] = {"clusterer": "clustering", "forecaster": "forecast"}
    is_classifier = kind == "classifier" or bool(derivation.classes) or (kind in UNTOLD and found["is_discrete"])
    task = others.get(kind) or ("classification" if is_classifier else "regression")
    return Rehearsal(
        tuple(found["inputs"]), dict(found["fillers"]), tuple(found["dropped"]), tuple(found["unlisted"]),
        tuple((a, b) for a, b in found["labels"]), found["inverse"],
        dict(found["example"]), task, tuple(found["order"]) if found.get("order") else None,
        found["target"] if found.get("is_scaled") else "",
    )


def is_classifier(kind: str, derivation: Derivation) -> bool | None:
    """Whether the answers are classes; None where these themselves must tell."""
    if kind == "classifier" or derivation.classes:
        return True
    return None if kind in UNTOLD else False


def answering(plan: Plan, derivation: Derivation) -> dict[str, Any] | None:
    """Where a model that no object holds answers: the number of the unit, the names in it and its text; None where an object holds it."""
    if plan.model is None or not plan.model.answer or not derivation.units:
        return None
    found = next((number for number, unit in enumerate(derivation.units) if unit.statement == plan.model.answered_at), len(derivation.units) - 1)
    return {"unit": found, "names": sorted(derivation.units[found].reads), "text": derivation.units[found].text}


def with_classes(derivation: Derivation, classes: Sequence[Any]) -> Derivation:
    """With the classes in the words of the answers; without probabilities where these belong to nobody knows which."""
    return replace(derivation, classes=tuple(classes), probabilities=derivation.probabilities if classes else "")


def proof_of(found: Mapping[str, Any], of: str, seconds: float) -> PredictProof:
    return PredictProof(
        found["rows"], found["single"], found["mismatches"], found["level"], of, found["probabilities"], found["largest_difference"],
        found["bound"], seconds, tuple(found["first"]),
    )


def why_different(found: Mapping[str, Any], what: str = "rows") -> str:
    """What differs, as half a sentence; whether a row is right among the others says most of where to look."""
    seen, shown = f"{found['mismatches']} of {found['rows']} {what}", "; ".join(found["first"][:2])
    if found.get("only_alone"):
        return f"{seen} are answered as in the notebook when all are asked at once, but otherwise alone: {shown}"
    return f"{seen} are answered otherwise than in the notebook: {shown}"


def kept_of(found: Mapping[str, Any]) -> Kept:
    return Kept("".join(f"{line}\n" for line in found["lines"]), len(found["lines"]), found["unwritable"])


def signature(
    plan: Plan, function: str, derivation: Derivation, rehearsal: Rehearsal, proof: PredictProof, replayed: Mapping[str, Any],
    level: Literal["raw", "prepared"],
) -> Signature:
    """The typed contract of a prediction."""
    inputs = [_input(item, replayed["behaviour"].get(item["name"], {}), rehearsal, derivation) for item in rehearsal.inputs]
    output = replayed["example"]["output"]
    labels = _labels(derivation, rehearsal) if rehearsal.task == "classification" else None
    return {
        "schema_version": VERSION, "name": plan.project, "kind": "series" if derivation.steps else "table", "task": rehearsal.task,
        "model": {"name": _name_of(plan, derivation), "type": _class_of(plan) or None}, "level": level,
        "function": function,
        "inputs": inputs, "image": None,
        "outputs": {"prediction": {"type": _type(output["prediction"]), "labels": labels}, "probabilities": "probabilities" in output},
        "example": replayed["example"],
        "proof": {"rows": proof.rows, "mismatches": proof.mismatches, "level": proof.level, "of": proof.of, "bound": proof.bound},
    }


def _name_of(plan: Plan, derivation: Derivation) -> str:
    """The author's; of a model that no object holds the word for it."""
    return (plan.model.name or plan.model.type) if plan.model else derivation.model


def _class_of(plan: Plan) -> str:
    """The model's class; one of the author's own has no module that says anything."""
    return plan.model.type.removeprefix("__main__.") if plan.model else ""


_STEPS = "Any other step than those that the notebook forecasts is rejected."


def _input(item: Mapping[str, Any], behaviour: Mapping[str, str], rehearsal: Rehearsal, derivation: Derivation) -> Input:
    seen = "the prepared rows" if derivation.is_prepared else "the training data"
    missing = behaviour.get("missing", "")
    unseen = _STEPS if derivation.steps else _unseen(behaviour.get("unseen"), item, seen)
    unit = unit_of(item["name"].split("(t-")[0]) if item["type"] in ("integer", "number") else None
    return {
        "name": item["name"], "type": item["type"], "gaps": item["nullable"], "nullable": missing.startswith("answered"),
        "min": item["min"], "max": item["max"], "categories": item["categories"],
        "unit": unit, "missing": _missing(missing, seen, has_gaps=item["nullable"]), "unseen": unseen,
        "example": rehearsal.example.get(item["name"]),
    }


def _missing(what: str, seen: str, *, has_gaps: bool) -> str:
    if not what:
        return "A gap (null) is rejected: what the author's code would make of one was not tried."
    if what.startswith("rejected"):
        return "A gap (null) is rejected: the author's code cannot handle one."
    if not what.startswith("answered"):
        return "A gap (null) fails."
    told = "A gap (null) is answered, as the author's code would."
    return told if has_gaps else f"{told} {seen[0].upper()}{seen[1:]} {'have' if seen.endswith('rows') else 'has'} no gap here."


def _unseen(what: str | None, item: Mapping[str, Any], seen: str) -> str:
    have = "have" if seen.endswith("rows") else "has"
    if what is None:
        known = item["min"] is not None
        if not known:
            return "No others were tried."
        return f"Values outside {item['min']} to {item['max']} are answered; {seen} {have} none."
    if what.startswith("rejected"):
        return f"A value that {seen} {have} not is rejected."
    return f"A value that {seen} {have} not is answered, as the author's code would." if what.startswith("answered") else "Such a value fails."


def image_signature(plan: Plan, function: str, derivation: Derivation, rehearsal: Rehearsal, proof: PredictProof, found: Mapping[str, Any]) -> Signature:
    """The contract of a function that takes images. `found` has what trying it gave: the `image` of the example, `formats`, the `example`."""
    about = found["image"]
    output = found["example"]["output"]
    image = Image(width=about["width"], height=about["height"], channels=about["channels"], formats=found["formats"]) if about else None
    return {
        "schema_version": VERSION, "name": plan.project, "kind": "image", "task": rehearsal.task,
        "model": {"name": plan.model.name if plan.model else derivation.model, "type": _class_of(plan) or None}, "level": "raw",
        "function": function, "inputs": [_image_input()], "image": image,
        "outputs": {
            "prediction": {"type": _type(output["prediction"]), "labels": _labels(derivation, rehearsal) if rehearsal.task == "classification" else None},
            "probabilities": "probabilities" in output,
        },
        "example": found["example"],
        "proof": {"rows": proof.rows, "mismatches": proof.mismatches, "level": proof.level, "of": proof.of, "bound": proof.bound},
    }


def _image_input() -> Input:
    said = "An image of any size and kind that the notebook's own code opens is answered as that code would; one that it cannot take is rejected."
    return {
        "name": "image", "type": "image", "gaps": False, "nullable": False, "min": None, "max": None, "categories": None, "unit": None,
        "missing": "A request without it is rejected.", "unseen": said, "example": None,
    }


def _labels(derivation: Derivation, rehearsal: Rehearsal) -> list[Any] | None:
    if rehearsal.labels:
        return [label for _, label in rehearsal.labels]
    return list(derivation.classes) or None


def _type(value: object) -> OutputType:
    kinds: tuple[tuple[type, OutputType], ...] = ((bool, "boolean"), (int, "integer"), (float, "number"), (list, "array"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "string")


def evidence(proof: PredictProof, derivation: Derivation, kept: Kept) -> dict[str, Any]:
    return {
        "schema_version": 1, "level": proof.level,
        "subject": "predict.py, in a clean clone and a fresh environment, against the notebook's own predictions",
        "of": proof.of, "rows": proof.rows, "one_by_one": proof.single, "mismatches": proof.mismatches, "probabilities": proof.probabilities or None,
        "largest_difference": proof.largest_difference, "bound": proof.bound, "differences": list(proof.first), "data": derivation.data,
        "recorded": {frozen.name: frozen.path for frozen in derivation.frozen},
        "note": proof.note or None,
        "kept_rows": {"file": PROOF_ROWS, "rows": kept.rows, "of": proof.rows, "not_json": kept.unwritable},
    }


def evidence_of_nothing(obstacle: Obstacle, cell: int, line: int, source: str) -> tuple[dict[str, Any], str]:
    """The record where no function could be proved, and its page: what stood in the way."""
    subject = "the prediction function: none could be proved"
    record = {"schema_version": 1, "level": "not comparable", "subject": subject, "in_the_way": in_the_way(obstacle, cell, line, source)}
    where = f"cell {cell}, line {line} (`{source}`): " if cell else ""
    return record, f"# The prediction function\n\nNone could be proved: {where}{obstacle.why}.\n"


def in_the_way(obstacle: Obstacle, cell: int, line: int, source: str) -> dict[str, Any]:
    return {"why": obstacle.why, "cell": cell or None, "line": line or None, "source": source or None}


def evidence_page(proof: PredictProof, derivation: Derivation, kept: Kept) -> str:
    what, how, together = ("images", "as a file's content", "batches") if derivation.images else (proof.what, "as JSON", "one batch")
    alone = f"{proof.single:,} of them one by one, {how}" if proof.single < proof.rows else f"all of them one by one too, {how}"
    lines = [
        "# The prediction function", "",
        f"`predict.py` was given {proof.of}: {proof.rows:,} in one batch, {alone}." if derivation.steps else
        f"`predict.py` was given {proof.of}, as it stands in `{derivation.data}`: {proof.rows:,} {what} in {together}, {alone}.", "",
        f"- predictions: **{proof.level}**, {proof.mismatches} of {proof.rows:,} differ",
        *([f"- probabilities: **{proof.probabilities}**"] if proof.probabilities else []),
        *([f"- largest relative difference of a prediction: {proof.largest_difference:.1e}"] if proof.largest_difference else []),
        *([f"- bound: {proof.bound:g} counts as equal: 24 bits are rounded otherwise in batches of another size; labels have none"] if proof.bound else []),
        *(["", proof.note] if proof.note else []),
        "", _kept_words(proof, kept), "", "What was recorded at training time:", "", *(f"- `{frozen.path}`" for frozen in derivation.frozen), "",
    ]
    return "\n".join(lines)


def _kept_words(proof: PredictProof, kept: Kept) -> str:
    """How many of the rows a service can be asked again."""
    which = "all of them" if kept.rows == proof.rows else f"{kept.rows:,} of them, evenly chosen"
    lost = f" ({kept.unwritable} hold what JSON cannot, such as an infinite number)" if kept.unwritable else ""
    return (
        f"`{PROOF_ROWS}` holds {which}{lost}, each with the notebook's own answer: `ferrata serve` asks the service the same. "
        "It is tracked by hash, out of Git."
    )


def card(plan: Plan, derivation: Derivation, rehearsal: Rehearsal, proof: PredictProof) -> str:
    """What the tool knows, filled in from the evidence; what only people know, visibly open."""
    rows = [f"| `{item['name']}` | {item['type']} | {_range(item)} | {'yes' if item['nullable'] else 'no'} |" for item in rehearsal.inputs]
    code = [frozen.path for frozen in derivation.frozen if frozen.format in ("joblib", "pickle", "torch_module")]
    scores = [f"| {score.name} | {score.values[0]:.6g} |" for score in plan.scores if len(score.values) == 1 and isinstance(score.values[0], (int, float))]
    seen = "the prepared rows" if derivation.is_prepared else "training"
    inputs = [f"| column | type | seen in {seen} | gaps |", "| --- | --- | --- | --- |", *rows] if rows else ["- the file of an image"]
    trained_on = ", ".join(f"`{item.path}`" for item in plan.data) if derivation.is_prepared else f"`{derivation.data}`"
    table = ["", "| score, as in the notebook | value |", "| --- | ---: |", *scores] if scores else []
    lines = [
        f"# {plan.project}", "", f"- model: `{_name_of(plan, derivation)}` (`{_class_of(plan)}`)", f"- task: {rehearsal.task}",
        *([f"- its answers are `{rehearsal.scaled}` on the notebook's own scale, not in the units of the data file"] if rehearsal.scaled else []),
        f"- trained on: {trained_on}", f"- proof: {proof.rows:,} rows of {proof.of}, {proof.mismatches} mismatches (`evidence/predict.md`)", *table, "",
        "## Inputs", "", *inputs, "", "## Files", "",
        *(f"- `{path}` is a pickle: reading it runs code; read it only where you trust who wrote it" for path in code),
        *([] if code else ["- no file of the model runs code"]),
        "", "## To be written by people who know", "", "- intended use, and uses that are out of scope: ____", "- who is affected by a wrong answer: ____",
        "- where the data comes from, and whether it may be used for this: ____", "- groups for which it was checked: ____", "- who answers for it: ____", "",
    ]
    return "\n".join(lines)


def _range(item: Mapping[str, Any]) -> str:
    if item["min"] is not None:
        unit = unit_of(item["name"].split("(t-")[0])
        return f"{item['min']} to {item['max']}" + (f" {unit}" if unit else "")
    return f"{len(item['categories'])} categories" if item["categories"] else ""
