"""Windows of a series: lists, arrays and generators whose items are so many rows that follow one another, told by what they hold."""

from .tags import kind_of

_MOST_NUMBERS = 2 * 10**7  # in all windows of a series together
_MOST_BATCHES = 10**5  # of a generator
_FIRST_ROOT = -10  # windows have roots below, one for each length and step: they are no numbers of places
_MOST_TRIED = 50  # rows where the first window may begin, where its rows are not next to one another
_LONGEST_STEP = 400


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
            if self._tags.get(value) is not None:
                continue
            items = value if kind_of(value) in ("list", "array") else generated(value)
            made = None if items is None else next(filter(None, (self._of(value, items, said, series) for said, series in candidates)), None)
            if made is not None:
                found[name] = made
        return found

    def _of(self, value, items, said, series):
        import numpy

        tag = self._tags.get(series)
        made = how_cut(items, series) if tag is not None and tag.root >= 0 else None
        if made is None:
            return None
        first, count = made["first"], len(items)
        last = first + (count - 1) * made["apart"] + (made["length"] - 1) * made["step"] + 1
        rows = tag.positions[first:last]
        if not (numpy.diff(rows) == 1).all() or rows[0] < 0:
            self.why = "rows of the data file were left out or put in another order before the windows were cut"
            return None
        root = _FIRST_ROOT - made["length"] - _MOST_NUMBERS * (made["step"] - 1)
        self._tags.put(value, root, rows[: (count - 1) * made["apart"] + 1 : made["apart"]])
        self.known[root] = {"table": tag.root, "length": made["length"], "step": made["step"]}
        return dict(made, **said)


def generated(value):
    """What a generator or data set of Keras gives to a model, all batches together; None for another value, and for one that has no end."""
    import numpy

    name, module = type(value).__name__, type(value).__module__
    if name == "TimeseriesGenerator":
        batches = (value[number] for number in range(len(value))) if not value.shuffle else ()
    elif module.startswith("tensorflow.python.data.ops") and 0 < int(value.cardinality()) < _MOST_BATCHES:
        batches = iter(value)
    else:
        return None
    parts = [numpy.asarray(batch[0] if isinstance(batch, tuple) else batch) for batch in batches]
    return numpy.concatenate(parts) if parts and all(part.shape[1:] == parts[0].shape[1:] and part.ndim for part in parts) else None


def how_cut(value, series):
    """`first` row, `length`, `step` from one place to the next, how many rows the windows are `apart`, `column` (None: all), `shape` of one window, `dtype`
    ("": the table's) and `kind` of a value all of whose items are windows of the series, each later than the one before; None for another value."""
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
        found = _placed(cut.reshape(len(cut), length, -1), part.astype(cut.dtype))
        if found is not None:
            is_of_lists = isinstance(value, list) and isinstance(value[0], list)
            kind = "lists" if is_of_lists else "list" if isinstance(value, list) else "array"
            dtype = str(cut.dtype) if cut.dtype != table.dtype else ""
            return dict(found, length=length, column=column, shape=list(cut.shape[1:]), dtype=dtype, kind=kind)
    return None


def _numbers(value):
    """As an array of numbers; None where it is none."""
    import numpy

    try:
        array = numpy.asarray(value)
    except Exception:  # items of several lengths
        return None
    return array if array.dtype.kind in "iuf" and array.ndim and len(array) else None


def _placed(cut, table):
    """Where the windows (an array of windows, places, columns) stand in the table."""
    for step in _steps(cut, table):
        found = _with_step(cut, table, step)
        if found is not None:
            return dict(found, step=step)
    return None


def _steps(cut, table):
    """1, then what the first window says may be the step from one place to the next."""
    import numpy

    yield 1
    length = cut.shape[1]
    if length < 2:
        return
    begins = numpy.flatnonzero((table == cut[0, 0]).all(axis=1))[:_MOST_TRIED]
    seconds = numpy.flatnonzero((table == cut[0, 1]).all(axis=1))
    wanted = {int(second - begin) for begin in begins for second in seconds if 1 < second - begin <= min(_LONGEST_STEP, (len(table) - 1) // (length - 1))}
    yield from sorted(wanted)


def _with_step(cut, table, step):
    import numpy

    length = cut.shape[1]
    count = len(table) - (length - 1) * step
    if count < len(cut) or count * cut[0].size > _MOST_NUMBERS:
        return None
    every = table[numpy.arange(count)[:, None] + step * numpy.arange(length)].reshape(count, -1)
    flat = cut.reshape(len(cut), -1)
    begins, seconds = (numpy.flatnonzero((every == window).all(axis=1)) for window in flat[:2])
    pairs = [(begin, 1) for begin in begins] + [(begin, second - begin) for begin in begins[:_MOST_TRIED] for second in seconds[:_MOST_TRIED]]
    for begin, apart in ((int(begin), int(apart)) for begin, apart in pairs if apart > 0):
        last = begin + apart * (len(cut) - 1)
        if last < count and numpy.array_equal(every[begin : last + 1 : apart], flat):
            return {"first": begin, "apart": apart}
    return None
