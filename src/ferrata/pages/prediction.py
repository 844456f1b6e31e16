"""The page of `ferrata predict`: the answers, and how far they were proved."""

from __future__ import annotations

from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.answers import Answers
from ferrata.records.page import Page, Section, Table, Text
from ferrata.records.signature import Signature

_MOST_SHOWN = 20


def prediction_page(found: Answers) -> Page:
    blocks: list[Any] = [Section("Answers", (_table(found), *_more(found)))] if found.answers else [Text("There was no row to answer.", "warn")]
    if found.written:
        blocks.append(Text(f"All {len(found.answers)} are in {found.written}.", "good"))
    blocks.append(Text(_proof(found.signature), "faint"))
    count = len(found.answers)
    what = "image" if any("file" in answer for answer in found.answers) else "row"
    said = f"{count} {what}{'' if count == 1 else 's'}" + (f", {found.rejected} rejected" if found.rejected else "")
    return Page(f"{found.signature['name']}: {said}", tuple(blocks), _data(found), status=1 if found.rejected or not found.answers else 0)


def _table(found: Answers) -> Table:
    rows = tuple(_row(number, answer) for number, answer in enumerate(found.answers[:_MOST_SHOWN]))
    styles = tuple("bad" if "rejected" in answer else "" for answer in found.answers[:_MOST_SHOWN])
    is_of_images = any("file" in answer for answer in found.answers)
    return Table(("image" if is_of_images else "row", "prediction", "how likely"), rows, styles=styles)


def _row(number: int, answer: dict[str, Any]) -> tuple[str, ...]:
    shown = str(answer.get("file", answer.get("row", number)))
    if "rejected" in answer:
        why = answer["rejected"]
        return (shown, "rejected", f"{why['field'] or 'row'}: {why['message']}"[:100])
    chances = sorted(answer.get("probabilities", {}).items(), key=lambda item: -item[1])
    return (shown, str(answer["prediction"]), ", ".join(f"{name} {value:.3f}" for name, value in chances[:3]))


def _more(found: Answers) -> tuple[Text, ...]:
    left = len(found.answers) - _MOST_SHOWN
    return (Text(f"and {left} more; --out FILE writes them all", "faint"),) if left > 0 else ()


def _proof(signature: Signature) -> str:
    proof = signature["proof"]
    what = "images" if signature["kind"] == "image" else "rows"
    return f"Proved on {proof['rows']} {what} of {proof['of']}: {proof['mismatches']} answers differ from the notebook's (evidence/predict.md)."


def _data(found: Answers) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION, "project": str(found.project), "model": found.signature["model"], "source": found.source,
        "rows": len(found.answers), "rejected": found.rejected, "answers": list(found.answers), "proof": found.signature["proof"],
        "written": str(found.written) if found.written else None,
    }
