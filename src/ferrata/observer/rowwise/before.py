"""Questions of several rows: in which order of the data file they follow one another, and which of the rows before a row the answer depends on."""

import warnings

_MOST_CELLS = 5 * 10**7
_SECONDS = 120  # for looking at places one by one; what is left is asked for


def questions(module, path, keys):
    """The questions of the data file, the order that they are in (None: that of the file) and the columns that they are grouped by; a sentence in the place
    of the questions where the rows of the notebook follow one another in no order of the file. `path`: the notebook's order; `keys`: the columns that it was
    grouped by. Rows with one value of a column, chosen before, are a group of their own."""
    import numpy

    table, order = table_of(module), numpy.load(path)
    if len(table) * len(module.COLUMNS) > _MOST_CELLS:
        return f"{len(table)} rows with {module.BEFORE} before each are too many to be tried", None, []
    if (order < 0).any():
        return "rows that come from no row of the data file stand between others before a step that looks back", None, []
    chosen = [name for name in table.columns if table[name].iloc[order].nunique(dropna=False) == 1 < table[name].nunique(dropna=False)] if not keys else []
    orders = list(_orders(table))
    ways = [(list(keys), None), *(([name], each) for name in chosen for each in orders), *((list(keys), each) for each in orders[1:])]
    for module.GROUPS, module.ORDER in ways:
        groups = [table[name].to_numpy() for name in module.GROUPS]
        if _is_in_order(module, table, groups, _previous(order, groups, len(table))):
            return module.read(), module.ORDER, module.GROUPS
    return "rows of the data file are left out, or put in an order that none of its columns has, before a step that looks back", None, []


def _is_in_order(module, table, groups, wanted):
    try:
        known = _previous(module.in_turn(table), groups, len(table))
    except Exception:  # what does not read as dates
        return False
    return bool((known == wanted)[wanted >= 0].all())


def table_of(module):
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


def drawn(module, table, seed, count):
    """Questions whose rows are drawn from all of the table; each with one value where rows are grouped by it."""
    import numpy
    import pandas

    chance = numpy.random.default_rng(seed)
    names = {name: name.split("(t-")[0] for name in module.COLUMNS}
    rows = {name: table[own].array.take(chance.integers(len(table), size=count)) for name, own in names.items()}
    return pandas.DataFrame({name: rows[own if own in module.GROUPS else name] for name, own in names.items()})


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
