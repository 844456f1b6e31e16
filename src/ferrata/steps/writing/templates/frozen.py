"""Record values of the training data that the prediction function needs: means, fitted scalers, categories."""

import copy

from artifacts import save

_by_key = {}
_times = {}
_written = {}


def freeze(path, value, *key):
    """Write a value and return it unchanged; with a key (the turn of a loop) it becomes one entry of a dictionary."""
    if key:
        entries = _by_key.setdefault(path, {})
        entries[key[0]] = copy.deepcopy(value)
        save(entries, path)
    elif not (isinstance(value, (int, float, str)) and _written.get(path) == value):  # what every row computes anew is written once
        save(value, path)
        _written[path] = value
    return value


def freeze_nth(path, nth, value):
    """Write the value when it is computed for the nth time, as for the nth of several tables, and return it unchanged."""
    _times[path] = _times.get(path, 0) + 1
    return freeze(path, value) if _times[path] == nth else value


def freeze_each(path, estimator, *name):
    """A function for `apply`: fits the estimator to each column and keeps one copy of it for each, by `name` where what is fitted has none."""

    def fit_transform(column):
        transformed = estimator.fit_transform(column)
        freeze(path, estimator, *(name or [column.name]))
        return transformed

    return fit_transform


def freeze_fitted(path, estimator, answers, *key):
    """Write an estimator, now that it is fitted, and return what it answered."""
    freeze(path, estimator, *key)
    return answers


def freeze_columns(path, table):
    """Write the names of a table's columns and return the table."""
    save(list(table.columns), path)
    return table


def freeze_categories(path, values, *key):
    """Write the categories of a column, or of every column of a table, and return them unchanged."""
    if hasattr(values, "columns"):
        freeze(path, {name: values[name].cat.categories.tolist() for name in values.columns}, *key)
    else:
        freeze(path, values.cat.categories.tolist(), *key)
    return values


def freeze_edges(path, cut, *arguments, **named):
    """Write the edges that `pandas.cut` or `pandas.qcut` chose, and return what it gave."""
    named.pop("retbins", None)
    values, edges = cut(*arguments, retbins=True, **named)
    save(edges, path)
    return values


def freeze_uniques(path, factorized, *key):
    """Write the distinct values of `pandas.factorize` and return what it gave."""
    freeze(path, factorized[1].tolist(), *key)
    return factorized


def freeze_groups(path, groups, values, *key):
    """Write the value of each group and return the values, one for each row."""
    known = values.tolist()
    found = {group: known[row] for row, group in enumerate(groups.tolist())}
    freeze(path, {group: value for group, value in found.items() if group == group and value == value}, *key)
    return values


def freeze_by_group(path, grouped, function):
    """Write what a function gives for each group, and return the groups."""
    found = {_plain(key[0] if isinstance(key, tuple) and len(key) == 1 else key): _plain(function(values)) for key, values in grouped}
    save({key: value for key, value in found.items() if value == value}, path)
    return grouped


def freeze_by_column(path, table, function):
    """Write what a function gives for each column, and return the table."""
    save({name: _plain(function(table[name])) for name in table.columns}, path)
    return table


def _plain(value):
    """A number of NumPy's as Python's own."""
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value.item() if hasattr(value, "item") else value


_SCALERS = {
    "scale": "StandardScaler",
    "zscore": "StandardScaler",
    "minmax_scale": "MinMaxScaler",
    "maxabs_scale": "MaxAbsScaler",
    "robust_scale": "RobustScaler",
    "quantile_transform": "QuantileTransformer",
    "power_transform": "PowerTransformer",
}


def freeze_scaled(path, function, values, **named):
    """Write the scaler that does what scikit-learn's function `scale` (or SciPy's `zscore`) does, and return what the function gave."""
    from sklearn import preprocessing

    settings = {name: value for name, value in named.items() if name != "ddof"}
    scaler = getattr(preprocessing, _SCALERS[function.__name__])(**settings)
    save(scaler.fit(values.to_numpy().reshape(len(values), -1) if hasattr(values, "to_numpy") else values.reshape(len(values), -1)), path)
    return function(values, **named)


def freeze_second(path, found, *key):
    """Write the second of two values, such as the lambda that `scipy.stats.boxcox` chose, and return both."""
    freeze(path, float(found[1]), *key)
    return found


def freeze_aligned(path, tables):
    """Write the columns that two aligned tables have in common, and return both."""
    save(list(tables[0].columns), path)
    return tables
