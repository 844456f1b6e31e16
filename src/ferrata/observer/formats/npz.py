"""SciPy's npz: one sparse matrix or array (csr, csc, coo, bsr, dia).

Round-trips: format, dtype, index dtype, stored zeros, order of the stored entries.
Does not: lil and dok.
Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.sparse.save_npz.html
"""

name = "npz"
suffix = ".npz"
runs_code = False


def accepts(value):
    import sys

    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and sparse.issparse(value) and value.dtype != object


def save(value, path):
    """Write a sparse matrix."""
    from scipy import sparse

    sparse.save_npz(path, value)


def load(path):
    """Read what `save_npz` wrote."""
    from scipy import sparse

    return sparse.load_npz(path)
