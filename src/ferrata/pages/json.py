"""A page as JSON: its data, in characters that every pipe carries."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from ferrata.records.page import Page

SCHEMA_VERSION = 1


def to_json(page: Page) -> str:
    return json.dumps(plain(page.data), indent=2, allow_nan=False)


def plain(value: Any) -> Any:
    """Only JSON's own types. JSON has no NaN or infinity: they become the strings "NaN", "Infinity", "-Infinity"."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _unwritable(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=str)
    if hasattr(value, "tolist"):  # NumPy's scalars and arrays
        return plain(value.tolist())
    return str(value) if isinstance(value, Path) else repr(value)


def _unwritable(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
