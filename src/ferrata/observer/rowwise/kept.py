"""What is kept of the notebook's values: answers and truths as arrays that hold no pickles, and in which format any other survives."""

import os

from ..formats import trial
from ..randomness import Kept
from .tags import size_of

_MOST_MEGABYTES = 16  # of a value that a prediction function could need beside the model; trying whether it survives a file takes seconds


def array_of(value):
    """Objects as text; a tensor without its gradient."""
    import numpy

    array = numpy.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    return array if array.dtype != object else array.astype(str)


def keep_truth(value, rows, folder):
    """What the author compares the answers with, where the observation has not kept it."""
    import numpy

    truth = array_of(value)
    if truth.ndim and len(truth) == rows:
        numpy.savez(os.path.join(folder, "truth.npz"), truth=truth)


def tested(folder, value):
    """The format in which a file gives the value back, "" where none does."""
    kind = type(value)
    found = {"format": "", "suffix": "", "trusted": [], "type": f"{kind.__module__}.{kind.__name__}", "shown": ""}
    megabytes = size_of(value) >> 20
    if megabytes >= _MOST_MEGABYTES:
        return dict(found, megabytes=megabytes)
    os.makedirs(folder, exist_ok=True)
    with Kept():
        tried = trial.test("value", value, folder)
    shown = repr(value)[:200] if isinstance(value, (str, int, float, bool, list, tuple)) else ""
    return dict(found, format=tried["format"], suffix=tried["suffix"], trusted=tried["trusted"], shown=shown)
