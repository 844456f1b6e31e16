"""Keep the predictions of a run, one row each."""

from pathlib import Path

import numpy as np
import pandas as pd


def save_predictions(truth, prediction, path="evaluation/predictions.parquet"):
    """Write row id, truth and prediction; the row id is the index of `truth` where it has one."""
    prediction = _column(prediction)
    table = pd.DataFrame({"prediction": prediction})
    if truth is not None:
        table.insert(0, "truth", _column(truth))
    table.insert(0, "row", [str(row) for row in getattr(truth, "index", range(len(table)))])
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path, index=False)


def _column(values):
    """One value a row; several outputs a row become a list."""
    array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    array = array.reshape(len(array), -1) if array.ndim > 1 else array
    if array.ndim > 1 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype == object:
        return [str(value) for value in array]
    return array.tolist() if array.ndim > 1 else array
