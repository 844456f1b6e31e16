"""The signature of a project, read and looked at before anything is made from it."""

from __future__ import annotations

import json
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.records.signature import PLACE, Signature, problem_of

AGAIN = "ferrata adopt notebooks/NAME.ipynb --again"
_EVIDENCE = "evidence/predict.json"


def read_signature(project: Path) -> Signature:
    """ProjectError where there is none, where its function is not there, or where it is not of this form."""
    place = project / PLACE
    if not place.is_file():
        raise ProjectError("This project has no prediction function", where=str(project), todo=_way_to_one(project))
    again = f"Restore it from Git, or make it anew: {_again(project)}."
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectError(f"The signature cannot be read: {error}", where=str(place), todo=again) from error
    if problem := problem_of(found):
        raise ProjectError(f"The signature is not of a form that is known here: {problem}", where=str(place), todo=again)
    signature: Signature = found
    if not (project / signature["function"]).is_file():
        raise ProjectError("The prediction function that the signature names is not there", where=str(project / signature["function"]), todo=again)
    return signature


def _way_to_one(project: Path) -> str:
    """What stood in the way when the notebook was adopted; else the project is older than the function."""
    try:
        found = json.loads((project / _EVIDENCE).read_text(encoding="utf-8"))["in_the_way"]
    except (OSError, ValueError, KeyError, TypeError):
        return f"It was made before there was one. {_again(project)} puts it on a branch of its own, to be merged."
    where = f"cell {found['cell']}, line {found['line']} (`{found['source']}`): " if found.get("cell") else ""
    return f"None could be proved: {where}{found['why']}. Change that in the notebook and adopt it into a new folder."


def _again(project: Path) -> str:
    notebooks = sorted((project / "notebooks").glob("*.ipynb"))
    return AGAIN.replace("NAME.ipynb", notebooks[0].name) if len(notebooks) == 1 else AGAIN
