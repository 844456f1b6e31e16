"""How an answer is said in the words and units of the data file, and values as Python text."""

from __future__ import annotations

import json
from typing import Any

from ferrata.records.derivation import Derivation, Rehearsal


def write_label(rehearsal: Rehearsal | None) -> str:
    """How an answer is said in the words and units of the data file."""
    if rehearsal and rehearsal.labels:
        rows = "".join(f"    {python_text(a)}: {python_text(b)},\n" for a, b in rehearsal.labels)
        return (
            f"LABELS = {{\n{rows}}}\n\n\ndef label(value):\n    \"\"\"The author's word for what the model answers.\"\"\"\n"
            "    value = _plain(value)\n    return LABELS.get(value, value)\n"
        )
    if rehearsal and rehearsal.inverse:
        return (
            'def label(value):\n    """The answer in the units of the data file: the notebook predicts a transform of it."""\n'
            f"    return np.{rehearsal.inverse}(value)\n"
        )
    scale = f": `{rehearsal.scaled}` on the notebook's own scale, not in the units of the data file" if rehearsal and rehearsal.scaled else ""
    return f'def label(value):\n    """The answer as the notebook gives it{scale}."""\n    return value\n'


def class_labels(derivation: Derivation, rehearsal: Rehearsal | None) -> list[Any]:
    labels = {_key(a): b for a, b in rehearsal.labels} if rehearsal else {}
    return [labels.get(_key(name), name) for name in derivation.classes]


def _key(value: Any) -> Any:
    return value if isinstance(value, str) else float(value) if isinstance(value, (int, float)) else str(value)


def python_text(value: Any) -> str:
    """Source text, strings in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(python_text, value))}]"
    return 'float("nan")' if isinstance(value, float) and value != value else repr(value)
