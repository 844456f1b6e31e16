"""Questions of several rows: in which order of the data file they follow one another, and which of the rows before a row the answer depends on."""

import warnings

_MOST_CELLS = 5 * 10**7
_SECONDS = 120  # for looking at places one by one; what is left is asked for


def questions(module, path, keys):
    """The questions of the data file, and the order that they are in (None: that of the file); a sentence in the place of the questions where the rows of
    the notebook follow one another in no order of the file. `path`: the notebook's order; `keys`: the columns that it was grouped by."""
    import numpy

    table = _table(module)
    if len(table) * len(module.COLUMNS) > _MOST_CELLS:
        return f"{len(table)} rows with {module.BEFORE} before each are too many to be tried", None
    groups = [table[name].to_numpy() for name in keys]
    wanted = _previous(numpy.load(path), groups, len(table))
    for module.ORDER in _orders(table):
        try:
            known = _previous(module.in_turn(table), groups, len(table))
        except Exception:  # what does not read as dates
            continue
        if (known == wanted)[wanted >= 0].all():
            return module.read(), module.ORDER
    return "rows of the data file are left out, or put in an order that none of its columns has, before a step that looks back", None


def _table(module):
    """The data file as it is read."""
    laid, module.questions_of = module.questions_of, lambda table: table
    try:
        return module.read()
    finally:
        module.questions_of = laid


def _orders(table):
    yield None
    for is_ascending in (True, False):
        for name in table.columns:
            kind = table[name].dtype.kind
            if kind in "OMU" or table[name].dtype == "str":
                yield [name, kind != "M", is_ascending]
            yield [name, False, is_ascending]


def _previous(order, groups, count):
    """For each row of the file the number of the one before it; -1 for none."""
    import numpy
    import pandas

    numbers = pandas.Series(order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = numbers.groupby([group[order] for group in groups], dropna=False).shift(1) if groups else numbers.shift(1)
    found = numpy.full(count, -1)
    found[order] = before.fillna(-1).astype(int)
    return found


def needed(places, is_idle):
    """Those of the places on which the answer depends. `is_idle(places)`: whether others there, all at once, change nothing."""
    import time

    started, waiting, found = time.time(), [list(places)], []
    while waiting:
        some = waiting.pop(0)
        if time.time() - started < _SECONDS and is_idle(some):
            continue
        if len(some) == 1 or time.time() - started >= _SECONDS:
            found += some
        else:
            waiting += [some[: len(some) // 2], some[len(some) // 2 :]]
    return [name for name in places if name in found]
