"""Scores that a notebook shows in its saved outputs, and scores by the name that a person gives them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_SAID = re.compile(r"([A-Za-z][\w ./²()-]{0,40}?)\s*[:=]\s*([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(%?)")


def saved_scores(path: Path) -> dict[str, Any]:
    """`name: number` and `name = number` in printed lines; of a name that is shown several times the last. ValueError for what is no notebook."""
    return scores_in(_lines(json.loads(path.read_text(encoding="utf-8"))))


def saved_texts(path: Path) -> dict[int, str]:
    """What each code cell shows, by its number from 1."""
    code = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell.get("cell_type") == "code"]
    return {number: "\n".join(_lines({"cells": [cell]})) for number, cell in enumerate(code, 1)}


def scores_in(lines: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        for name, number, percent in _SAID.findall(line):
            found[name.strip()] = float(number) / 100 if percent else float(number) if "." in number or "e" in number.lower() else int(number)
    return found


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    for cell in content["cells"]:
        for output in cell.get("outputs") or ():
            text = output.get("text") or (output.get("data") or {}).get("text/plain") or ""
            yield from ("".join(text) if isinstance(text, list) else str(text)).splitlines()


def named_as_here(scores: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, Any]:
    """What a person calls a score, under the name that the project has for it: the same letters, or the only name that ends, or begins, with them."""
    found = {}
    for name, value in scores.items():
        wanted = _letters(name)
        same = [own for own in here if _letters(own) == wanted]
        near = same or [own for own in here if wanted and (_letters(own).endswith(wanted) or _letters(own).startswith(wanted))]
        if len(near) == 1:
            found[near[0]] = value
    return found


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def digits_of(shown: Any) -> int | None:
    """How many decimals were shown; None where that cannot be told."""
    return len(repr(shown).rpartition(".")[2]) if isinstance(shown, float) and "e" not in repr(shown) and math.isfinite(shown) else None


def is_as_shown(shown: Any, value: Any) -> bool:
    """Whether a number is what was shown, to the digits that were shown."""
    digits = digits_of(shown)
    return bool(shown == value) or (isinstance(value, (int, float)) and digits is not None and round(float(value), digits) == shown)
