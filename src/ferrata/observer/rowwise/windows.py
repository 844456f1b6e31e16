"""Windows of a series: lists and arrays whose items are so many rows that follow one another, told by what they hold."""

from .tags import kind_of

_MOST_NUMBERS = 2 * 10**7  # in all windows of a series together
_FIRST_ROOT = -10  # windows of `length` rows have the root -10 - length: it is no number of a place


class Windows:
    """What the statements cut from the tagged series. `wanted`: whether windows are followed at all; `why`: what stands in the way of those that were seen."""

    def __init__(self, tags, wanted):
        self._tags, self._wanted, self.why, self.known = tags, wanted, "", {}

    def cut(self, names, space, placed, live):
        """Tag the values of these names that are windows of one of the tables of rows that the statement says (`placed`: pairs of how it is said and the
        value) or of those of the names in `live`; how each was cut, by name."""
        found = {}
        candidates = [*placed, *(({"name": name}, space[name]) for name in live)]
        for name in names if self._wanted else ():
            value = space.get(name)
            if kind_of(value) not in ("list", "array") or self._tags.get(value) is not None:
                continue
            made = next(filter(None, (self._of(value, said, series) for said, series in candidates)), None)
            if made is not None:
                found[name] = made
        return found

    def _of(self, value, said, series):
        import numpy

        tag = self._tags.get(series)
        made = how_cut(value, series) if tag is not None and tag.root >= 0 else None
        if made is None:
            return None
        first, last = made["first"], made["first"] + len(value) + made["length"] - 1
        rows = tag.positions[first:last]
        if not (numpy.diff(rows) == 1).all() or rows[0] < 0:
            self.why = "rows of the data file were left out or put in another order before the windows were cut"
            return None
        root = _FIRST_ROOT - made["length"]
        self._tags.put(value, root, rows[: len(value)])
        self.known[root] = {"table": tag.root, "length": made["length"]}
        return dict(made, **said)


def how_cut(value, series):
    """`first` row, `length`, `column` (None: all), `shape` of one window, `dtype` ("": the table's) and `kind` of a value all of whose items are windows of
    the series, each a row later than the one before; None for another value."""
    cut, table = _numbers(value), _numbers(series)
    if cut is None or table is None or cut.ndim < 2 or len(cut) < 2 or not cut[0].size:
        return None
    table = table.reshape(len(table), -1)
    width = table.shape[1]
    for column in (None, *range(width)) if width > 1 else (None,):
        part = table if column is None else table[:, [column]]
        length, rest = divmod(cut[0].size, part.shape[1])
        if rest or length >= len(part) or (part.shape[1] > 1 and list(cut.shape[1:]) != [length, width]):
            continue
        first = _first(cut.reshape(len(cut), -1), part.astype(cut.dtype), length)
        if first is not None:
            is_of_lists = isinstance(value, list) and isinstance(value[0], list)
            kind = "lists" if is_of_lists else "list" if isinstance(value, list) else "array"
            dtype = str(cut.dtype) if cut.dtype != table.dtype else ""
            return {"first": first, "length": length, "column": column, "shape": list(cut.shape[1:]), "dtype": dtype, "kind": kind}
    return None


def _numbers(value):
    """As an array of numbers; None where it is none."""
    import numpy

    try:
        array = numpy.asarray(value)
    except Exception:  # items of several lengths
        return None
    return array if array.dtype.kind in "iuf" and array.ndim and len(array) else None


def _first(cut, table, length):
    """The row of the table where the first window begins."""
    import numpy

    count = len(table) - length + 1
    if len(cut) > count or count * cut.shape[1] > _MOST_NUMBERS:
        return None
    every = table[numpy.arange(count)[:, None] + numpy.arange(length)].reshape(count, -1)
    begins = numpy.flatnonzero((every == cut[0]).all(axis=1))
    return next((int(at) for at in begins if at + len(cut) <= count and numpy.array_equal(every[at : at + len(cut)], cut)), None)
