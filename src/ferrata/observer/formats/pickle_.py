"""pickle: what joblib does not give back, such as NumPy's matrix. Reading such a file runs code that is in it.

Round-trips: what pickle does; classes and functions must be importable from a module when it is read.
Does not: lambdas, open files, generators, objects of the notebook's own `__main__`.
Source: https://docs.python.org/3/library/pickle.html
"""

from .joblib_ import accepts

name = "pickle"
suffix = ".pkl"
runs_code = True

__all__ = ["accepts"]


def save(value, path):
    """Write any object; only read such a file when you trust where it comes from."""
    import pickle
    from pathlib import Path

    Path(path).write_bytes(pickle.dumps(value, protocol=4))


def load(path):
    """Read what `save_pickle` wrote; this runs code that is in the file."""
    import pickle
    from pathlib import Path

    return pickle.loads(Path(path).read_bytes())
