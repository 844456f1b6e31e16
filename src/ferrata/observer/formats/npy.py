"""NumPy's npy: one array or one NumPy scalar, without objects.

Round-trips: dtype (byte order, structured, datetimes), shape, memory order (C or Fortran), scalars as scalars.
Does not: object arrays, matrix, masked arrays, arrays of no dimension (they come back as scalars), strides of a view.
Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

name = "npy"
suffix = ".npy"
runs_code = False


def accepts(value):
    import sys

    np = sys.modules.get("numpy")
    if np is None:
        return False
    return (type(value) is np.ndarray or isinstance(value, np.generic)) and not value.dtype.hasobject


def save(value, path):
    """Write an array or a NumPy scalar."""
    import numpy as np

    np.save(path, value, allow_pickle=False)


def load(path):
    """Read what `save_npy` wrote."""
    import numpy as np

    array = np.load(path, allow_pickle=False)
    return array[()] if array.ndim == 0 else array
