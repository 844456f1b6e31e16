"""Keep the scores of a run and write them to files that DVC can compare."""

import json
from pathlib import Path

LARGEST = 1000  # numbers of an array that are kept one by one
MOST = 10_000  # values that are kept of one name
LISTED = 100  # values of one name that are shown among the metrics; more are a curve, and go to the reports
SHOWN = ("confusion_matrix", "roc_auc", "average_precision", "brier_score")  # what a display of scikit-learn shows
_scores = {}


def record(name, value):
    """Keep a score under its name and return it unchanged; a name used again collects a list."""
    values = _scores.setdefault(name, [])
    if len(values) < MOST:
        values.append(_plain(value))
    return value


def write_scores(path, reports=None, carry=()):
    """Write numbers to `path`, tables, curves and report texts to `reports`; `carry` are files of earlier stages to include.

    Without `reports` it is such a file: every value in a list, for a later stage to carry on.
    """
    kept = {}
    for scores in (*(json.loads(Path(earlier).read_text(encoding="utf-8")) for earlier in carry), _scores):
        for name, values in scores.items():
            kept.setdefault(name, []).extend(values)
    if reports is None:
        _write(path, kept)
        return
    scores = {name: values[0] if len(values) == 1 else values for name, values in kept.items()}
    numbers = {name: value for name, value in scores.items() if _is_number(value)}
    _write(path, {name: _numbered(value) for name, value in numbers.items()})
    _write(reports, {name: value for name, value in scores.items() if name not in numbers})


def _write(path, content):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _numbered(value):
    """A list as a dictionary: DVC shows and compares no lists."""
    return {str(number): item for number, item in enumerate(value, 1)} if isinstance(value, list) else value


def _is_number(value):
    if isinstance(value, list):
        return 0 < len(value) <= LISTED and all(isinstance(item, (int, float)) for item in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain(value):
    """Turn library numbers and arrays into what JSON can hold."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "numpy") and not hasattr(value, "to_frame"):
        value = value.numpy()
    if getattr(value, "size", 0) > LARGEST and hasattr(value, "reshape"):
        return _summary(value)
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    shown = {name: _plain(getattr(value, name)) for name in SHOWN if getattr(value, name, None) is not None}
    return shown or str(value)


def _summary(array):
    """What is kept of a large array."""
    flat = array.reshape(-1)
    return {"shape": list(array.shape), "mean": float(array.mean()), "first": flat[:10].tolist(), "last": flat[-10:].tolist()}
