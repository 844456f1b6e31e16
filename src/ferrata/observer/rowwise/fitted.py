"""What a fitted object says of the very rows that it was fitted on (`labels_` of a clustering) are rows too."""

import copy

from . import judge
from .tags import kind_of, length

OF_ROWS = ("labels_",)
_MOST_COLUMNS = 1000


class Fitted:
    """The rows that each clustering was last fitted on, and the author's text for them: a name, or columns of one."""

    def __init__(self, tags):
        self._tags, self._rows = tags, {}

    def remember(self, receiver, text, space):
        rows = _value(text, space)
        if rows is not None and self._tag(text, rows, space) is not None and hasattr(receiver, "labels_"):
            self._rows[id(receiver)] = (receiver, text, rows if text.isidentifier() else copy.deepcopy(rows))

    def about(self, receiver, value, space):
        """The fact about `receiver.labels_`, with the text that still gives its rows ("" for none); None where they are not rows that are followed."""
        known = self._rows.get(id(receiver))
        if known is None or known[0] is not receiver or kind_of(value) != "array":
            return None
        text, rows = known[1:]
        tag = self._tag(text, rows, space)
        if tag is None or not length(value) == length(rows) == len(tag.positions):
            return None
        self._tags.alias(value, tag)
        now = _value(text, space)
        is_same = now is rows or (now is not None and judge.is_same(now, rows))
        return {"is": "rows", "kind": "array", "rows": text if is_same else "", "type": type(receiver).__name__, "has_predict": hasattr(receiver, "predict")}

    def _tag(self, text, rows, space):
        """That of the rows, or of the table whose columns they are."""
        return self._tags.get(rows) or self._tags.get(space.get(text.split("[")[0].split(".")[0]))


class Trained:
    """Which rows of the file each model was last fitted on."""

    def __init__(self, tags):
        self._tags, self._rows = tags, {}

    def remember(self, receiver, *given):
        """`given`: what the fit was given; its first table of rows counts."""
        tags = [self._tags.get(value) for value in given]
        self._rows[id(receiver)] = (receiver, next((tag for tag in tags if tag is not None), None))

    def count(self, model, asked):
        """How many of the rows of a tag it was fitted on; None where that is not known."""
        import numpy

        known, rows = self._rows.get(id(model), (None, None))
        if model is None or known is not model or rows is None:
            return None
        return int(numpy.isin(asked.positions[asked.positions >= 0], rows.positions).sum()) if rows.root == asked.root else 0


class Columns:
    """What an expression inside a function gave, by the name of the column that it was about."""

    def __init__(self):
        self._found, self._conflicts, self._series = {}, set(), {}

    def keep(self, number, place, sources, value):
        """`sources`: the tables that the value was made of."""
        series = next((each for each in sources if kind_of(each) == "series" and isinstance(each.name, str)), None)
        if not place.is_inside or series is None or len(self._found.get(number, ())) > _MOST_COLUMNS:
            return
        known = self._found.setdefault(number, {})
        if series.name in known and not (hasattr(value, "fit") or judge.is_same(known[series.name], value)):
            self._conflicts.add(number)
        known[series.name], self._series[number] = copy.deepcopy(value), series

    def of(self, number, least):
        """The values of at least so many columns with the last of these; (None, None) where there are fewer, or another value for the same one."""
        known = self._found.get(number, {})
        return (known, self._series[number]) if len(known) >= least and number not in self._conflicts else (None, None)


def _value(text, space):
    try:
        return eval(text, dict(space))
    except Exception:
        return None


def is_forecast(place, receiver, value):
    """`results.forecast(12)`, `results.predict(start, end)`, `results.get_forecast(12).predicted_mean`: one number for each of several steps."""
    owner = type(receiver)
    is_series = "statsmodels.tsa" in owner.__module__ or owner.__module__.partition(".")[0] in ("pmdarima", "statsforecast")
    is_asked = place.method in ("forecast", "predict") if place.is_call else place.attribute == "predicted_mean"
    return is_series and is_asked and kind_of(value) in ("series", "array") and value.ndim == 1 and len(value) > 1


def no_method(error):
    """A clustering such as DBSCAN answers for no other rows than its own."""
    name = type(getattr(error, "obj", None)).__name__
    if getattr(error, "name", "") == "predict" and name != "NoneType":
        return f"{name} has no `predict`: it answers only for the rows that it was fitted on"
    return f"what the model answers could not be asked for ({error})"


def plain_list(values):
    if values is None:
        return None
    return values.tolist() if hasattr(values, "tolist") else [str(value) for value in values]


def has(receiver, name):
    try:
        return callable(getattr(receiver, name, None))
    except Exception:
        return False
