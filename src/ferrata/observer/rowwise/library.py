"""Data sets that come with scikit-learn: `load_iris()` gives a bundle whose `data` and `target` are columns of one table."""

from .tags import kind_of

_NAMES = ("feature_names", "target_names")


class Library:
    """The bundles that were loaded, each with the place of the call and the number of the first expression that took its rows."""

    def __init__(self, tags):
        self._tags, self._known = tags, {}

    def look(self, number, place, value, owner):
        """The fact about what was loaded, or about a part of it; None for what is neither. `owner` is what the part was taken of."""
        if place.is_call and place.function.startswith(("load_", "fetch_")):
            return self._loaded(number, place, value)
        known = self._known.get(id(owner))
        if known is None or known["bunch"] is not owner or place.is_call:
            return None
        part = next((name for name in ("data", "target", "frame", *_NAMES) if owner.get(name) is value), "")
        if part in _NAMES:
            return {"is": "plain"}
        return self._rows(number, value, part, known) if part and kind_of(value) in ("array", "frame", "series") else None

    def _loaded(self, number, place, value):
        if type(value).__name__ == "Bunch" and _is_table(value.get("data"), value.get("target")):
            names = _fitting(value.get("feature_names", ()), value["data"])
            self._known[id(value)] = {"bunch": value, "loader": [place.statement, *place.site], "names": names, "root": None}
        elif isinstance(value, tuple) and len(value) == 2 and _is_table(*value):
            known = {"loader": [place.statement, *place.site], "names": _fitting(_names_of(place.function), value[0]), "root": None}
            self._rows(number, value[1], "target", known)
            return self._rows(number, value[0], "pair", known)
        return None

    def _rows(self, number, value, part, known):
        import numpy

        first = known["root"] is None
        known["root"] = number if first else known["root"]
        self._tags.put(value, known["root"], numpy.arange(len(value)))
        return {"is": "root" if known["root"] == number else "again", "of": known["root"], "part": part, "kind": kind_of(value), "loader": known["loader"],
                "library": [*known["names"], "target"]}


def _is_table(data, target):
    is_table = kind_of(data) in ("array", "frame") and getattr(data, "ndim", 0) == 2
    return is_table and kind_of(target) in ("array", "series") and getattr(target, "ndim", 0) == 1 and len(target) == len(data)


def _fitting(names, data):
    """One name for each column."""
    width = int(data.shape[1])
    return [str(name) for name in names] if len(names) == width else [f"x{column}" for column in range(width)]


def _names_of(function):
    """The names of the columns, which the pair of data and target does not hold."""
    import sklearn.datasets

    try:
        return [str(name) for name in getattr(sklearn.datasets, function)().get("feature_names", ())] if function.startswith("load_") else []
    except Exception:
        return []


def is_read_by_numpy(place, value):
    """A table that `numpy.loadtxt` gives is read from a file, as those of pandas are."""
    return place.function in ("loadtxt", "genfromtxt") and kind_of(value) == "array" and value.ndim == 2
