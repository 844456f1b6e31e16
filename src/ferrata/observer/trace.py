"""The trace: one JSON object a line, flushed as it is written, so that a killed process leaves everything that had ended."""

import json
import math


def safe(value):
    """`value` as JSON can hold it; what it can't is replaced by its repr (at most 200 characters)."""
    if value is None or isinstance(value, (bool, str)):
        return value if not isinstance(value, str) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, dict):
        return {str(key): safe(item) for key, item in list(value.items())[:2000]}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [safe(item) for item in value]
    return _repr(value)


def _repr(value):
    try:
        return repr(value)[:200]
    except Exception:
        return "<" + type(value).__name__ + ">"


class TraceFile:
    """Appends events. Floats that JSON lacks are written as NaN and Infinity, which Python reads back."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8", errors="surrogatepass", newline="\n")

    def write(self, event, **fields):
        line = json.dumps({"event": event, **fields}, ensure_ascii=True, default=_repr)
        self._file.write(line + "\n")
        self._file.flush()


def finite(number):
    return isinstance(number, (int, float)) and math.isfinite(number)
