"""State of the process, other than random numbers, that one statement can leave for the next."""

import os
import sys
import warnings

from . import figures


def _pandas():
    config = sys.modules.get("pandas._config.config")
    return repr(getattr(config, "_global_config", None)) if config is not None else None


def _pyplot():
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None or not hasattr(matplotlib, "rcParams"):
        return None
    return (sorted((name, str(value)) for name, value in dict.items(matplotlib.rcParams)), figures.current())


def _numpy():
    numpy = sys.modules.get("numpy")
    return repr(numpy.get_printoptions()) if numpy is not None and hasattr(numpy, "get_printoptions") else None


PARTS = {
    "cwd": os.getcwd,
    "environ": lambda: dict(os.environ),
    "pandas.options": _pandas,
    "warnings": lambda: list(warnings.filters),
    "pyplot": _pyplot,
    "numpy.printoptions": _numpy,
    "sys.path": lambda: list(sys.path),
}


# Libraries set these up for themselves when they are imported; a statement that only imports does not count as changing them.
BY_IMPORTS = ("warnings", "environ")


def snapshot():
    found = {}
    for name, read in PARTS.items():
        try:
            found[name] = read()
        except Exception:
            found[name] = None
    return found


def changes(before, after):
    """Names of what differs. What an import brings in for the first time is not a change."""
    return sorted(name for name in after if before.get(name) is not None and after[name] != before[name])
