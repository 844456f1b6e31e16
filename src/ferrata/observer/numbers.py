"""Numeric values as JSON: scalars, small arrays, score tables, report texts."""

import sys

_DISPLAYED = ("confusion_matrix", "roc_auc", "average_precision", "brier_score")
_LIST, _TABLE, _ARRAY, _TEXT = 50, 400, 1000, 20000


def scalar(value):
    """A Python number for a number of any library (a 0-d tensor too, not bool), else None."""
    kind = type(value)
    if kind is float or kind is int:
        return value
    if kind is bool or kind is str:
        return None
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "generic"):
        if isinstance(value, numpy.number):
            return _plain(value.item())
        if isinstance(value, numpy.ndarray):
            return _plain(value.item()) if value.ndim == 0 and value.dtype.kind in "iuf" else None
    if kind.__module__.split(".")[0] in ("torch", "tensorflow", "jaxlib", "jax"):
        return _tensor(value)
    return _plain(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _plain(value):
    return (
        float(value)
        if isinstance(value, float)
        else int(value)
        if isinstance(value, int) and not isinstance(value, bool)
        else None
    )


def _tensor(value):
    try:
        if tuple(value.shape) == () and getattr(value, "is_leaf", True) is not None:
            return _plain((value.detach() if hasattr(value, "detach") else value.numpy()).item())
    except Exception:
        return None
    return None


def small(value):
    """A number, a list of at most 50 of them or a table of at most 400; else None."""
    found = scalar(value)
    if found is not None:
        return found
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, getattr(numpy, "ndarray", ())):
        return (
            value.tolist() if value.ndim in (1, 2) and 0 < value.size <= _LIST and value.dtype.kind in "iuf" else None
        )
    if type(value) in (list, tuple) and 0 < len(value) <= _LIST:
        items = [scalar(item) for item in value]
        return items if all(item is not None for item in items) else None
    return None


def score(value, depth=0):
    """What a scoring call gave, as JSON; None when it is no such thing."""
    found = scalar(value)
    if found is not None:
        return found
    if isinstance(value, str):
        return str(value)[:_TEXT]
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, getattr(numpy, "ndarray", ())):
        return _array(value)
    if depth > 3:
        return None
    if type(value).__name__.endswith("Display"):
        found = {name: score(getattr(value, name, None), depth + 1) for name in _DISPLAYED}
        return {name: part for name, part in found.items() if part is not None} or None
    if isinstance(value, dict) and len(value) <= _ARRAY:
        return {str(key): score(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and len(value) <= _ARRAY:
        return [score(item, depth + 1) for item in value]
    return None


def _array(value):
    if value.dtype.kind not in "iufb":
        return None
    if value.size <= _ARRAY:
        return value.tolist()
    return {
        "shape": list(value.shape),
        "mean": float(value.mean()),
        "first": value.reshape(-1)[:10].tolist(),
        "last": value.reshape(-1)[-10:].tolist(),
    }
