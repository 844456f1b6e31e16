"""Whether a value can stand in a file beside the model and be read back unchanged."""

import os

from ..formats import trial
from ..randomness import Kept
from .tags import size_of

_MOST_MEGABYTES = 16  # of a value that a prediction function could need; trying whether it survives a file takes seconds


def survival(value, folder):
    """The format in which it does ("" for none), tried in this folder; what it is, and how it is shown."""
    kind = type(value)
    megabytes = size_of(value) >> 20
    if megabytes >= _MOST_MEGABYTES:
        return {"format": "", "suffix": "", "trusted": [], "type": f"{kind.__module__}.{kind.__name__}", "shown": "", "megabytes": megabytes}
    os.makedirs(folder, exist_ok=True)
    with Kept():
        found = trial.test("value", value, folder)
    return {"format": found["format"], "suffix": found["suffix"], "trusted": found["trusted"], "type": f"{kind.__module__}.{kind.__name__}",
            "shown": repr(value)[:200] if isinstance(value, (str, int, float, bool, list, tuple)) else ""}
