"""Digests of rows, to tell whether the rows of a test were among those of a fit. They hold within one process only."""

import sys

_ROWS, _COLUMNS = 500000, 256


def digests(data):
    """uint64 array with one number a row, or None where rows can't be told or are too many."""
    try:
        found = _digests(data)
    except Exception:
        return None
    return found


def share(rows, fitted):
    """The share of `rows` that are among `fitted`."""
    numpy = sys.modules["numpy"]
    return float(numpy.isin(rows, fitted).mean()) if len(rows) else None


def count(data):
    """Number of rows of a data argument, or None."""
    shape = getattr(data, "shape", None)
    try:
        if shape is not None and len(shape):
            return int(shape[0])
        if isinstance(data, (list, tuple)):
            return len(data)
    except Exception:
        return None
    return None


def _digests(data):
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    rows = count(data)
    if numpy is None or not rows or rows > _ROWS:
        return None
    if pandas is not None and isinstance(data, getattr(pandas, "DataFrame", ())):
        return _mix(_column(data.iloc[:, place].to_numpy()) for place in _some(data.shape[1]))
    if pandas is not None and isinstance(data, getattr(pandas, "Series", ())):
        return _mix([_column(data.to_numpy())])
    if hasattr(data, "tocsr"):
        return _sparse(data.tocsr())
    if hasattr(data, "detach"):
        data = data.detach().cpu().numpy()
    elif isinstance(data, (list, tuple)):
        data = numpy.asarray(data)
    if not isinstance(data, numpy.ndarray) or data.ndim == 0:
        return None
    flat = data.reshape(rows, -1)
    return _mix(_column(flat[:, place]) for place in _some(flat.shape[1]))


def _some(width):
    return range(0, width, max(1, width // _COLUMNS))


def _column(values):
    numpy = sys.modules["numpy"]
    if values.dtype.kind in "biuf":
        return (values.astype(numpy.float64) + 0.0).view(numpy.uint64)
    if values.dtype.kind in "mM":
        return values.astype(numpy.int64).view(numpy.uint64)
    return numpy.fromiter((hash(str(item)) & 0xFFFFFFFFFFFFFFFF for item in values), numpy.uint64, len(values))


def _mix(columns):
    numpy = sys.modules["numpy"]
    total = None
    for column in columns:
        column = (column ^ (column >> numpy.uint64(29))) * numpy.uint64(0xBF58476D1CE4E5B9)
        column ^= column >> numpy.uint64(32)
        total = column if total is None else total * numpy.uint64(0x9E3779B97F4A7C15) + column
    return total


def _sparse(matrix):
    numpy = sys.modules["numpy"]
    matrix.sort_indices()
    parts = (
        _mix([matrix.indices.astype(numpy.uint64), _column(matrix.data)])
        if matrix.nnz
        else numpy.zeros(0, numpy.uint64)
    )
    sums = numpy.concatenate([numpy.zeros(1, numpy.uint64), numpy.cumsum(parts, dtype=numpy.uint64)])
    return sums[matrix.indptr[1:]] - sums[matrix.indptr[:-1]]
