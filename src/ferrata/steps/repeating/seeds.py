"""Which parameters are seeds, and other values for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ferrata.records.project import Stage
from ferrata.store.pipelines.params import stage_params

_SEED = re.compile(r"(^|[._])(seeds?|random_state)([._]|$)", re.IGNORECASE)
# A prime: no seed that an author writes is likely to be a multiple away from another.
_STEP = 7919


def seed_parameters(project: Path, stages: Sequence[Stage]) -> dict[str, int]:
    """{`key` or `file:key`: value} of whole numbers whose name says seed or random_state and that a stage reads."""
    found: dict[str, int] = {}
    for stage in stages:
        for file, values in stage_params(project, stage, is_lenient=True).items():
            place = stage.place(file)
            for key, value in _leaves(values):
                if _SEED.search(key) and isinstance(value, int) and not isinstance(value, bool):
                    found[key if place == "params.yaml" else f"{place}:{key}"] = value
    return found


def other_values(parameters: Mapping[str, int], number: int) -> list[str]:
    """Settings for the repetition of this number, from 1: the same every time, so that what ran before is taken from the cache."""
    return [f"{name}={(value + number * _STEP) % 2**31}" for name, value in parameters.items()]


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value
