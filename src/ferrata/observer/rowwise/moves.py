"""Steps that look at the rows around a row: `shift`, `diff`, `rolling` look back so many rows, `cumsum` or `ewm` back to the first, `ffill` for the next."""

import os

from .tags import kind_of, length

BACK = ("shift", "diff", "pct_change", "rolling")
ENDLESS = ("cumsum", "cumprod", "cummax", "cummin", "cumcount", "expanding", "ewm", "rank")
FILLS = ("ffill", "bfill", "pad", "backfill", "interpolate", "fillna")
WATCHED = (*BACK, *ENDLESS, *FILLS)


class Moves:
    """What calls of these methods saw of other rows, and the order of the rows then: `orders`, each the root, the positions in the data file, the columns
    that the rows were grouped by, and the numbers of the places that saw it."""

    def __init__(self, tags):
        self._tags, self._gaps, self.orders = tags, {}, []

    def before(self, number, value):
        """How many gaps there are in what is filled now."""
        self._gaps[number] = _gaps(value)

    def look(self, number, place, values, value, sources, known):
        """What is added to the fact about a call; {} for one that looks at no other rows. `values`: what the expressions were, by number; `known`: the
        fact as it was last time."""
        receiver = values.get(place.below[0]) if place.below else None
        if type(receiver).__module__.partition(".")[0] != "pandas":
            return {}
        if "Rolling" in type(receiver).__name__:
            return {"leading": max(_leading(value), known.get("leading", 0))}
        if place.method in ("transform", "apply") and "GroupBy" in type(receiver).__name__:
            self._order(number, receiver, sources)
        if place.method not in WATCHED:
            return {}
        given = {name: values.get(item[1]) if isinstance(item, tuple) else item for name, item in place.arguments.items()}
        if place.method in FILLS:
            return self._filled(place, value, receiver, given)
        if given.get("axis") in (1, "columns"):
            return {}
        self._order(number, receiver, sources)
        if place.method in ENDLESS:
            return {"endless": place.method}
        back = _back(place.method, given, value)
        if back is None:
            return {"endless": place.method}
        most = {"back": max(back, 0, known.get("back", 0)), "leading": max(_leading(value), known.get("leading", 0))}
        return dict(most, ahead=back < 0 or known.get("ahead", False))

    def write(self, asked, folder):
        """The orders of rows that held all of those that are asked about (a tag), each in a file `order_N.npy`: `keys`, how many `rows`, the `places` that saw
        it, and which others of these hold it in one piece (`within`)."""
        import numpy

        wanted = asked.positions[asked.positions >= 0]
        found = []
        for root, positions, keys, places in self.orders:
            if root == asked.root and numpy.isin(wanted, positions).all():
                found.append({"keys": keys, "rows": len(positions), "places": sorted(places), "positions": positions})
        for number, each in enumerate(found):
            numpy.save(os.path.join(folder, f"order_{number}.npy"), each["positions"])
            each["within"] = [other for other, whole in enumerate(found) if _is_within(each["positions"], whole["positions"])]
        return [{name: value for name, value in each.items() if name != "positions"} for each in found]

    def _filled(self, place, value, receiver, given):
        if place.method == "fillna" and not given.get("method"):
            return {}
        after = _gaps(receiver if value is None else value)
        return {"filled": self._gaps.get(place.below[0], 0) - after, "fills": True}

    def _order(self, number, receiver, sources):
        source = next((each for each in sources if self._tags.get(each) is not None), None)
        if source is None:
            return
        tag, keys = self._tags.get(source), _keys(receiver)
        for root, positions, names, places in self.orders:
            if root == tag.root and names == keys and _is_same(positions, tag.positions):
                places.add(number)
                return
        self.orders.append((tag.root, tag.positions, keys, {number}))


def _gaps(value):
    return int(value.isna().to_numpy().sum()) if kind_of(value) in ("frame", "series") else 0


def _back(method, given, value):
    """How many rows back it looks, below 0 for ahead; None where that is no number of rows."""
    if method == "rolling":
        is_plain = isinstance(value.window, int) and not getattr(value, "center", False)
        return value.window - 1 if is_plain else None
    if method == "shift" and given.get("freq", given.get(1)) is not None:
        return None
    periods = given.get("periods", given.get(0, 1))
    periods = list(periods) if isinstance(periods, (list, tuple, range)) else [periods]
    if not periods or not all(hasattr(each, "__index__") for each in periods):
        return None
    return int(max(periods)) if max(periods) >= 0 else int(min(periods))


def _leading(value):
    """Rows at the beginning that know nothing: a step on top of another looks back further than it says."""
    if kind_of(value) not in ("frame", "series") or not length(value):
        return 0
    known = value.notna().to_numpy()
    known = known.all(axis=1) if known.ndim == 2 else known
    return int(known.argmax()) if known.any() else 0


def _keys(receiver):
    """The columns that the rows are grouped by; [] for rows that are not, None where they have no names."""
    if "GroupBy" not in type(receiver).__name__:
        return []
    keys = getattr(receiver, "keys", None)
    keys = [keys] if isinstance(keys, str) else keys
    return list(keys) if isinstance(keys, (list, tuple)) and all(isinstance(each, str) for each in keys) else None


def _is_same(first, second):
    return first is second or (len(first) == len(second) and bool((first == second).all()))


def _is_within(part, whole):
    """Whether these rows are there one after the other."""
    import numpy

    begins = numpy.flatnonzero(whole == part[0]) if len(part) else ()
    return any(numpy.array_equal(whole[begin : begin + len(part)], part) for begin in begins)
