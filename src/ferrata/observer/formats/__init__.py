"""Serialisers: one file per format, the plainest first; the first that gives a value back unchanged is taken.

A format has `name`, `suffix`, `runs_code` (reading it runs code that is in the file), `accepts(value)` (a cheap test of the type), `save(value, path)`
and `load(path)`. The text of `save`, of `load` and of the functions in `parts` is copied into the projects we write, so they stand on their own.
This package runs in the author's environment: Python 3.8 or later, no dependency of its own.
"""

from . import (
    catboost_,
    joblib_,
    json_,
    keras_,
    keras_tokenizer,
    lightgbm_,
    literal,
    npy,
    npz,
    own,
    parquet,
    parquet_noted,
    pickle_,
    skops_,
    torch_,
    torch_module,
    xgboost_,
)
from .trial import test

FORMATS = (
    json_,
    literal,
    npy,
    parquet,
    parquet_noted,
    npz,
    torch_,
    keras_,
    keras_tokenizer,
    xgboost_,
    lightgbm_,
    catboost_,
    own,
    skops_,
    torch_module,
    joblib_,
    pickle_,
)

__all__ = ["FORMATS", "get", "test"]


def get(name):
    """The format of that name; KeyError when there is none."""
    return {format.name: format for format in FORMATS}[name]
