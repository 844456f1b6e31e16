"""joblib: any object that can be pickled. The last resort: reading such a file runs code that is in it.

Round-trips: what pickle does; classes and functions must be importable from a module when it is read.
Does not: lambdas, open files, generators, objects of the notebook's own `__main__`.
Source: https://joblib.readthedocs.io/en/stable/persistence.html
"""

name = "joblib"
suffix = ".joblib"
runs_code = True


def accepts(value):
    import types

    return not isinstance(value, (types.ModuleType, types.GeneratorType, types.LambdaType))


def save(value, path):
    """Write any object; only read such a file when you trust where it comes from."""
    import joblib

    joblib.dump(value, path)


def load(path):
    """Read what `save_joblib` wrote; this runs code that is in the file."""
    import joblib

    return joblib.load(path)
