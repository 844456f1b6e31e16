"""The form of model/signature.json: what is one, and what is said of what is none."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from tests.serving import projects

from ferrata.records.signature import problem_of

WRONG = {
    "no object": ((), [], "no object"),
    "a later form": (("schema_version",), 2, "schema_version is 2"),
    "another kind": (("kind",), "sound", "kind is 'sound', and not one of 'table'"),
    "no inputs": (("inputs",), [], "inputs are none"),
    "an input that is no object": (("inputs", 1), "tenure", "inputs[1] is no object"),
    "a type that is none": (("inputs", 0, "type"), "float", "inputs[0].type is 'float'"),
    "a number for a truth": (("inputs", 0, "nullable"), 1, "inputs[0].nullable is 1, and no bool"),
    "a truth for a number": (("proof", "rows"), True, "proof.rows is True, and no int"),
    "categories that are a text": (("inputs", 2, "categories"), "a, b", "inputs[2].categories is no list"),
    "half a picture": (("image",), {"width": 3}, "image lacks height, channels, formats"),
    "an output without a type": (("outputs", "prediction"), {"labels": None}, "outputs.prediction lacks type"),
}


@pytest.mark.parametrize("kind", projects.KINDS)
def test_every_kind_has_one(kind: str, tmp_path: Path) -> None:
    assert problem_of(json.loads((projects.KINDS[kind](tmp_path) / "model/signature.json").read_text(encoding="utf-8"))) == ""


def test_knowledge_may_be_absent_but_its_place_may_not(tmp_path: Path) -> None:
    signature = json.loads((projects.table(tmp_path) / "model/signature.json").read_text(encoding="utf-8"))
    for name in list(signature):
        lacking = {key: value for key, value in signature.items() if key != name}
        assert name in problem_of(lacking)
    signature["model"]["type"] = signature["inputs"][0]["min"] = None
    assert problem_of(signature) == ""


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_place(name: str, tmp_path: Path) -> None:
    place, value, said = WRONG[name]
    signature: Any = json.loads((projects.table(tmp_path) / "model/signature.json").read_text(encoding="utf-8"))
    assert said in problem_of(_with(signature, place, value))


def _with(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    changed = copy.copy(content)
    changed[place[0]] = _with(content[place[0]], place[1:], value)
    return changed
