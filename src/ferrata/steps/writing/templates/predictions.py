"""Keep the predictions of a run, one row each."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

DIGITS = 9  # of a probability: the last bits may depend on the number of threads


def save_predictions(truth, prediction, rows=None, model=None, path="evaluation/predictions.parquet"):
    """Write row id, truth, prediction and, where they are known, a digest of the row and the probability of each class.

    The row id is the index of `truth` where it has one. `rows` is what was predicted for, `model` what predicted.
    """
    prediction = _column(prediction)
    table = pd.DataFrame({"prediction": prediction})
    if truth is not None and len(truth) != len(table):  # one was compared with the other by broadcasting: it is no truth of each row
        truth = None
    if truth is not None:
        table.insert(0, "truth", _column(truth))
    index = truth.index if isinstance(truth, (pd.DataFrame, pd.Series)) else range(len(table))
    table.insert(0, "row", [str(row) for row in index])
    for name, values in {"content": _digests(rows), **_probabilities(model, rows)}.items():
        if values is not None and len(values) == len(table):
            table[name] = values
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path, index=False)


def _digests(rows):
    """What each row holds, whatever its place: the same row of another version has the same digest. None for what is no table or array of numbers."""
    if isinstance(rows, (pd.DataFrame, pd.Series)):
        try:
            return [f"{digest:016x}" for digest in pd.util.hash_pandas_object(rows, index=False)]
        except TypeError:  # cells that are lists
            return None
    if isinstance(rows, np.ndarray) and rows.ndim and rows.dtype.kind in "biuf":
        return [hashlib.blake2b(np.ascontiguousarray(row).tobytes(), digest_size=8).hexdigest() for row in rows]
    return None


def _probabilities(model, rows):
    """A column for each class that the model knows."""
    if not hasattr(model, "predict_proba") or not hasattr(model, "classes_"):
        return {}
    found = np.asarray(model.predict_proba(rows))
    if found.ndim != 2 or found.shape[1] != len(model.classes_):
        return {}
    return {f"probability {label}": np.round(found[:, place].astype(float), DIGITS) for place, label in enumerate(model.classes_)}


def _column(values):
    """One value a row; several outputs a row become a list."""
    array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    array = array.reshape(len(array), -1) if array.ndim > 1 else array
    if array.ndim > 1 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype == object:
        return [str(value) for value in array]
    return array.tolist() if array.ndim > 1 else array
