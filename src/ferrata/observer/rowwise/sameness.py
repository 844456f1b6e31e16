"""Whether a function gave its model, and answered, the same as before."""


def is_same(first, second, within=0):
    """Of lists of tables, arrays and values; numbers may differ by `within` of the largest of their column."""
    return len(first) == len(second) and all(_is_same(a, b, within) for a, b in zip(first, second))


def _is_same(first, second, within):
    import numpy

    if hasattr(first, "reset_index") and hasattr(second, "reset_index"):  # a table's index is none of what a model is given
        first, second = first.reset_index(drop=True), second.reset_index(drop=True)
        return bool(first.equals(second)) or (within > 0 and _are_near_columns(first, second, within))
    if hasattr(first, "tocsr"):
        return first.shape == second.shape and (first != second).nnz == 0
    first, second = numpy.asarray(first), numpy.asarray(second)
    if first.shape != second.shape:
        return False
    is_equal = numpy.array_equal(first, second, equal_nan=first.dtype.kind in "fc" and second.dtype.kind in "fc")
    return bool(is_equal) or (within > 0 and _are_near(first, second, within))


def _are_near_columns(first, second, within):
    if first.ndim == 1:
        return first.dtype == second.dtype and _are_near(first.to_numpy(), second.to_numpy(), within)
    if list(first.columns) != list(second.columns) or list(first.dtypes) != list(second.dtypes):
        return False
    return all(_is_same(first.iloc[:, place], second.iloc[:, place], within) for place in range(first.shape[1]))


def _are_near(first, second, within):
    """Of floats of one type and shape."""
    import numpy

    if first.dtype.kind != "f" or second.dtype.kind != "f" or not first.size:
        return False
    least = numpy.finfo(first.dtype).eps * 16
    with numpy.errstate(all="ignore"):
        largest = numpy.nanmax(numpy.abs(numpy.where(numpy.isfinite(first), first, numpy.nan)), axis=0, keepdims=True)
        gap = numpy.abs(first - second)
    same = (first == second) | (numpy.isnan(first) & numpy.isnan(second))
    return bool((same | (gap <= max(within, least) * largest)).all())
