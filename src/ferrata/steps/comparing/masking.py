"""Personal data in rows that are shown to others: a name of a column, or the look of a value, is enough to hide it."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "•••"
_NAMES = re.compile(
    r"(^|[^a-z])(name|surname|firstname|lastname|fullname|email|mail|phone|mobile|fax|address|street|zip|postcode|postal|iban|bic|account|ssn|passport|tax|"
    r"birth|birthday|dob|ip|url|login|user|username|latitude|longitude|lat|lon|lng|id|uuid|guid|licen[cs]e|plate|card)([^a-z]|$)"
)
_VALUES = re.compile(
    r"[^@\s]+@[^@\s]+\.\w+|\+?\d[\d\s()/-]{7,}\d|[A-Z]{2}\d{2}[A-Z0-9 ]{10,30}|\d{1,3}(\.\d{1,3}){3}|https?://\S+|"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{20,}"
)
_LONGEST = 120
# A column about phone contracts that says yes or no tells nobody's number.
_HARMLESS = frozenset({"yes", "no", "true", "false", "0", "1", "y", "n"})


def masked(row: Mapping[str, object]) -> dict[str, str]:
    """The cells as they may be shown."""
    return {name: MASK if value and _is_personal(name, value) else shortened(value) for name, value in ((key, str(item)) for key, item in row.items())}


def _is_personal(name: str, value: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    if value.lower() in _HARMLESS:
        return False
    is_number = re.fullmatch(r"[-+]?\d*\.?\d+([eE][-+]?\d+)?", value) is not None
    return _NAMES.search(words) is not None or (not is_number and _VALUES.search(value) is not None)


def shortened(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
