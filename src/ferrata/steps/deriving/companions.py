"""What stands beside predict.py in the project: a test, and a word in the README."""

from __future__ import annotations

from pathlib import PurePosixPath

from ferrata.records.derivation import Derivation, PredictProof

_TEST = '''"""The prediction function answers as it did when it was proved (evidence/predict.md)."""

import json
import math
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_example_is_answered_as_recorded():
    sys.path.insert(0, str(ROOT / "{folder}"))
    import {module}

    example = json.loads((ROOT / "model/signature.json").read_text(encoding="utf-8"))["example"]
    (answer,) = {module}.predict([{given}], {module}.load())
    assert _same(answer["prediction"], example["output"]["prediction"])
    for label, value in example["output"].get("probabilities", {{}}).items():
        assert _same(answer["probabilities"][label], value)


def _same(value, expected):
    """Equal; numbers up to what another processor may round otherwise."""
    if isinstance(expected, float):
        return math.isclose(value, expected, rel_tol=1e-9)
    return value == expected
'''


def write_test(path: str, *, is_image: bool = False, bound: float | None = None) -> str:
    """The text of `tests/test_predict.py` for the module at this path."""
    module = PurePosixPath(path)
    given = 'ROOT / example["input"]["file"]' if is_image else 'example["input"]'
    text = _TEST.format(folder=module.parent, module=module.stem, given=given)
    return text.replace("rel_tol=1e-9", f"rel_tol=1e-9, abs_tol={bound:g}") if bound else text


def _prepared(derivation: Derivation) -> str:
    """What it takes, where that is no row of the author's data file."""
    if not derivation.is_prepared:
        return ""
    return (
        f"It takes prepared rows, as the pipeline writes them to `{derivation.data}`, and not those of the data file: the way from there could not be derived "
        "for one row\n(`evidence/predict.md` names the statement in the way).\n"
    )


def with_section(readme: str, path: str, derivation: Derivation, proof: PredictProof) -> str:
    """The README with a section that says how one row, or image, is asked."""
    if derivation.steps:
        what, one, asked = "rows", "a step ahead of the series", "row, `{\"step\": 3}`"
    else:
        what, one, asked = ("images", "an image such as those", "image") if derivation.images else ("rows", "a row as it stands", "row")
    if derivation.window:
        what, one, asked = "windows", f"{derivation.window} rows that follow one another, as they stand", "window, a row with a column for each of its places"
    if derivation.lags:
        of = f" with the same {' and '.join(f'`{key}`' for key in derivation.lags.keys)}" if derivation.lags.keys else ""
        one = f"a row, and what is needed of the {derivation.lags.before} before it{of} (`name(t-1)` is the row before), as they stand"
    section = (
        f"## Ask it\n\n`{path}` answers for {one} in `{derivation.data}`: `load()` reads the model once, `predict({what}, state)` gives one "
        f"answer for each\n{asked}. `model/signature.json` says what goes in and what comes out, with an example.\n"
        f"{_prepared(derivation)}It was proved on {proof.rows:,} {what} of {proof.of}: "
        f"{proof.mismatches} answers differ from the notebook's (`evidence/predict.md`).{chr(10) if proof.note else ''}{proof.note}\n\n"
    )
    return readme.replace("## Change it", section + "## Change it", 1)
