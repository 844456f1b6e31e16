"""The signature of a project, read and looked at before anything is made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError

PLACE = Path("model") / "signature.json"
KINDS = ("table", "image", "text", "series")
VERSION = 1


def read_signature(project: Path) -> dict[str, Any]:
    """ProjectError where there is none, or one that is not of this form."""
    place = project / PLACE
    if not place.is_file() or not list(project.glob("src/*/predict.py")):
        todo = "It has none: no prediction function was derived. Adopt the notebook again, or see evidence/ for what was in the way."
        raise ProjectError("This project has nothing to serve: there is no predict.py with its signature", where=str(place), todo=todo)
    try:
        signature = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectError(f"The signature cannot be read: {error}", where=str(place), todo="Restore it from Git, or adopt the notebook again.") from error
    if problem := _problem(signature):
        raise ProjectError(f"The signature is not of a form that can be served: {problem}", where=str(place), todo="Adopt the notebook again.")
    assert isinstance(signature, dict)
    return signature


def _problem(signature: Any) -> str:
    if not isinstance(signature, dict):
        return "it is no object"
    if signature.get("schema_version") != VERSION:
        return f"its schema_version is {signature.get('schema_version')!r}, and {VERSION} is known here"
    missing = [name for name in ("name", "kind", "inputs", "outputs") if name not in signature]
    if missing:
        return f"it lacks {', '.join(missing)}"
    if signature["kind"] not in KINDS:
        return f"its kind is {signature['kind']!r}"
    inputs = signature["inputs"]
    is_whole = isinstance(inputs, list) and inputs and all(isinstance(each, dict) and {"name", "type"} <= set(each) for each in inputs)
    return "" if is_whole else "its inputs are no list of names and types"
