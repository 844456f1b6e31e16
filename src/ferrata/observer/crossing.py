"""Try the serialisers on values that cross between stages, at the moment when they would be written."""

import os
import time

from .randomness import Kept


def try_values(wanted, index, variables, folder, write):
    """One `crossing` event for each name that is to be tried after statement `index`."""
    names = [name for crossing in wanted if crossing["after"] == index for name in crossing["names"]]
    if not names:
        return
    try:
        from .formats import trial
    except ImportError:
        return
    for name in names:
        started = time.perf_counter()
        write(
            "crossing",
            after=index,
            name=name,
            result=_result(trial, name, variables, os.path.join(folder, "crossings", str(index))),
            seconds=time.perf_counter() - started,
        )


def _result(trial, name, variables, folder):
    if name not in variables:
        return {"error": f"there is no name {name} at this point"}
    try:
        os.makedirs(folder, exist_ok=True)
        with Kept():
            return trial.test(name, variables[name], folder)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
