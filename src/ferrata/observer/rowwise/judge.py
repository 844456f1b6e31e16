"""What one expression is: a table of the rows (`rows`), some of its rows (`filter`), some of its columns (`columns`), a value about all
rows (`plain`), the number of rows (`count`), several tables (`split`), or a step on the way to one of these (`through`)."""

import sys

from .tags import by_index, index_of, kind_of, length, same_rows, slice_of

LIVE = ("root", "images", "rows", "filter", "columns", "count", "split", "through")
_PLAIN = (str, bytes, int, float, bool, complex, type(None), dict, tuple, set, frozenset, list)
_MOST_MATCHED = 200000  # rows that are told by what they hold
_ORDERS = ("shuffle", "permutation")
_SPLITS = ("train_test_split",)
_RESAMPLES = ("fit_resample", "fit_sample")


def judge(place, value, sources, tags, facts):
    """The fact about a value that was made of `sources`, tables of rows; the value is tagged when it is one itself."""
    tag = tags.get(value)
    if tag is not None and not place.is_call:
        return {"is": "rows", "kind": kind_of(value)}
    if tag is not None:
        return {"is": "rows", "kind": kind_of(value), "same": True}
    if place.function in _SPLITS:
        return _split(value, sources, tags)
    if place.function in _RESAMPLES and isinstance(value, tuple):
        return _resampled(value, sources, tags)
    if place.function in _ORDERS and value is not None:
        is_table = any(getattr(value, "shape", 0) == getattr(source, "shape", 1) for source in sources) or isinstance(value, (tuple, list))
        return _shuffled(value, sources, tags) if is_table else {"is": "plain"}
    kind = kind_of(value)
    if type(value) in (tuple, list) and place.is_display and any(facts.get(n, {}).get("is") == "count" for n in place.below):
        return {"is": "through"}  # a shape: the number of rows with other sizes
    if kind in ("frame", "series", "index"):
        return _table(place, value, kind, sources, tags) or {"is": "plain"}
    if kind in ("array", "list", "carrier"):
        return _array(place, value, kind, sources, tags, facts) or ({"is": "through"} if _holds_rows(value, tags) else {"is": "plain"})
    if isinstance(value, tuple) and place.is_call and len(value) < 10:
        _tag_parts(place, value, sources, tags, facts)
    if isinstance(value, dict) and len(value) < 100 and any(tags.get(item) is not None for item in value.values()):
        return {"is": "through"}
    return _other(place, value, sources)


def _tag_parts(place, value, sources, tags, facts):
    """Several tables at once, as of `align` or `factorize`: each is most likely that of the source in its place."""
    for number, part in enumerate(value):
        kind = kind_of(part)
        own = [*sources[number : number + 1], *sources]
        if kind in ("frame", "series"):
            _table(place, part, kind, own, tags)
        elif kind == "array" and tags.get(part) is None:
            _array(place, part, kind, own, tags, facts)


def _holds_rows(value, tags):
    return isinstance(value, (list, tuple)) and len(value) < 100 and any(tags.get(item) is not None for item in value)


def _table(place, value, kind, sources, tags):
    tables = [source for source in sources if kind_of(source) in ("frame", "series")]
    for source in tables:
        tag = tags.get(source)
        if len(value) == len(tag.positions) and (kind == "index" or value.index.equals(source.index)):
            tags.alias(value, tag)
            return {"is": "rows", "kind": kind, **_chosen(place, value, source)}
    for source in tables if kind != "index" else ():
        tag = tags.get(source)
        if same_rows(value, source):
            tags.put(value, tag.root, by_index(source.index, value.index, tag.positions))
            return {"is": "filter", "source": source}
    for source in tables if kind != "index" and place.function in ("concat", "append", "_append") else ():
        longer = _extended(value, source, tags)
        if longer:
            return longer
    for source in sources:
        tag = tags.get(source)
        is_like = kind != "index" or kind_of(source) == "index"  # `df.index.month`
        if len(value) == len(tag.positions) and is_like and len(tag.positions) > 1:
            tags.alias(value, tag)
            return {"is": "rows", "kind": kind}
    return None


def _chosen(place, value, source):
    """Columns taken as they are: by place, by type or by leaving others out."""
    if kind_of(value) != "frame" or kind_of(source) != "frame" or not (place.is_call or place.is_subscript):
        return {}
    columns = list(value.columns)
    if not value.columns.is_unique or not source.columns.is_unique or not set(columns) <= set(source.columns):
        return {}
    return {"is": "columns", "source": source} if value.equals(source[columns]) else {}


def _extended(value, source, tags):
    """Rows of other tables below the ones we follow."""
    import numpy

    count, tag = len(source), tags.get(source)
    shared = [name for name in source.columns if name in value.columns] if kind_of(source) == "frame" else []
    if len(value) <= count or not shared:
        return None
    for start in (0, len(value) - count):
        part = value.iloc[start : start + count]
        if all(_same_values(part[name], source[name]) for name in shared):
            positions = numpy.full(len(value), -1)
            positions[start : start + count] = tag.positions
            tags.put(value, tag.root, positions)
            return {"is": "filter", "source": source}
    return None


def _same_values(first, second):
    """Equal, gaps included; a column of whole numbers may have become one of floats."""
    is_equal = first.to_numpy(object) == second.to_numpy(object)
    return bool((is_equal | (first.isna().to_numpy() & second.isna().to_numpy())).all())


def _array(place, value, kind, sources, tags, facts):
    rows = length(value)
    for source in sources:
        tag = tags.get(source)
        if rows == len(tag.positions) and (rows > 1 or kind == "array"):
            if kind == "list" and len(value) and tags.get(value[0]) is not None:
                continue
            if place.is_subscript and _is_reordered(value, source):
                continue
            tags.alias(value, tag)
            return {"is": "rows", "kind": kind}
    if place.is_subscript:
        return _part(value, sources, tags) or _picked(value, sources, tags)
    return None


def _is_reordered(value, source):
    """`X[order]`: as many rows, but not in the same places."""
    numpy = sys.modules.get("numpy")
    if not (isinstance(value, getattr(numpy, "ndarray", ())) and isinstance(source, numpy.ndarray)) or value.shape != source.shape:
        return False
    return not (numpy.shares_memory(value, source) and value.strides == source.strides or is_same(value, source))


def _picked(value, sources, tags):
    """`X[places]`: rows picked by number, told by what they hold."""
    numpy = sys.modules.get("numpy")
    for source in sources:
        if not (isinstance(source, getattr(numpy, "ndarray", ())) and isinstance(value, numpy.ndarray)):
            continue
        if value.ndim != source.ndim or value.shape[1:] != source.shape[1:] or len(value) > len(source) or len(source) > _MOST_MATCHED:
            continue
        known, tag = _matched([value], [source]), tags.get(source)
        if known is not None and len(known):
            tags.put(value, tag.root, tag.positions[known])
            return {"is": "filter", "source": source}
    return None


def _part(value, sources, tags):
    """An array indexed by a mask of rows, or one of its slices."""
    numpy = sys.modules.get("numpy")
    masks = [s for s in sources if str(getattr(s, "dtype", "")) == "bool" and len(getattr(s, "shape", ())) == 1]
    for source in sources:
        tag, places = tags.get(source), slice_of(value, source)
        if places is None and masks and numpy is not None and kind_of(source) == "array" and source is not masks[0]:
            mask = numpy.asarray(masks[0])
            places = mask if mask.sum() == length(value) and len(mask) == len(tag.positions) else None
        if places is not None and len(tag.positions[places]) == length(value):
            tags.put(value, tag.root, tag.positions[places])
            return {"is": "filter", "source": source}
    return None


def _split(value, sources, tags):
    """`train_test_split`: the positions are split by the same call, told from the index where there is one."""
    parts = []
    tables = [source for source in sources if tags.get(source) is not None]
    for number in range(len(value)):
        parts.append(tables[number // 2] if number // 2 < len(tables) else None)
    known = _known_positions(value, parts, tags)
    for number, (part, source) in enumerate(zip(value, parts)):
        places = known[number % 2]
        if source is not None and places is not None:
            tag = tags.get(source)
            tags.put(part, tag.root, tag.positions[places])
    return {"is": "split", "parts": len(parts)}


def _shuffled(value, sources, tags):
    """`shuffle(X, y)` of scikit-learn: the same order for all of them, told from an index or from what the rows hold."""
    is_several = isinstance(value, (tuple, list)) and len(sources) > 1
    parts = list(value) if is_several else [value]
    if len(parts) != len(sources):
        return {"is": "plain"}
    known = next((places for places in map(_places, parts, sources) if places is not None), None)
    known = _matched(parts, sources) if known is None else known
    if known is None:
        return {"is": "plain"}
    for part, source in zip(parts, sources):
        tag = tags.get(source)
        tags.put(part, tag.root, tag.positions[known])
    return {"is": "split", "parts": len(parts), "each": True} if is_several else {"is": "filter", "source": sources[0]}


def _resampled(value, sources, tags):
    """Rows repeated, left out or made up: what is told by its content is followed, what was made up (-1) comes from no file."""
    import numpy

    tables = [source for source in sources if tags.get(source) is not None]
    if len(value) != len(tables):
        return {"is": "plain"}
    places = {}
    for place, key in enumerate(_keys([tables[0]])):
        places.setdefault(key, place)
    known = numpy.array([places.get(key, -1) for key in _keys([value[0]])], dtype=int)
    for part, source in zip(value, tables):
        tag = tags.get(source)
        tags.put(part, tag.root, numpy.where(known >= 0, tag.positions[known], -1))
    return {"is": "split", "parts": len(value), "each": True}


def _known_positions(value, parts, tags):
    """Places in the sources of the first and second part of every pair: told from an index, else from the content of the rows."""
    known = [None, None]
    for number, (part, source) in enumerate(zip(value, parts)):
        if known[number % 2] is None and source is not None:
            known[number % 2] = _places(part, source)
    for side in (0, 1):
        if known[side] is None:
            known[side] = _matched([value[n] for n in range(side, len(parts), 2)], parts[::2], known[0] if side else ())
    return known


def _places(part, source):
    if index_of(part) is not None and index_of(source) is not None and source.index.is_unique:
        return source.index.get_indexer(part.index)
    return None


def _matched(parts, sources, taken=()):
    """Places of rows by what they hold; equal rows are taken in their order, each once, and none that is `taken`."""
    import numpy

    pairs = [(part, source) for part, source in zip(parts, sources) if source is not None and not hasattr(source, "tocsr")]
    if not pairs:
        return None
    waiting, taken = {}, set(() if taken is None else map(int, taken))
    for place, key in enumerate(_keys([source for _, source in pairs])):
        if place not in taken:
            waiting.setdefault(key, []).append(place)
    found = [waiting[key].pop(0) if waiting.get(key) else -1 for key in _keys([part for part, _ in pairs])]
    return None if -1 in found else numpy.array(found, dtype=int)


def _keys(tables):
    import numpy

    arrays = [numpy.asarray(table) for table in tables]
    return [tuple(_key(array[row]) for array in arrays) for row in range(len(arrays[0]))]


def _key(row):
    """What a row holds: numbers of one type as their bytes, which is quick for images, anything else as text."""
    return row.tobytes() if getattr(row, "ndim", 0) and row.dtype != object else repr(row.tolist())


def _other(place, value, sources):
    lengths = {length(source) for source in sources}
    if value is None:  # an in-place method
        return {"is": "through"}
    if place.function == "len" and value in lengths:
        return {"is": "count"}
    if place.attribute in ("shape", "size", "ndim") or (place.is_subscript and isinstance(value, int) and value in lengths):
        return {"is": "count"}
    if isinstance(value, tuple) and any(hasattr(item, "shape") for item in value):
        return {"is": "through"}
    if isinstance(value, _PLAIN) or type(value).__module__ == "numpy" or hasattr(value, "get_params"):
        return {"is": "plain"}
    if type(value).__module__.startswith(("pandas._libs.tslibs", "datetime", "collections")):
        return {"is": "plain"}
    return {"is": "plain"} if hasattr(value, "predict") else {"is": "through"}


def is_same(first, second):
    try:
        if hasattr(first, "equals"):
            return bool(first.equals(second))
        if hasattr(first, "dtype") and getattr(first, "shape", ()):
            return bool((first == second).all())
        return bool(first == second) or (first != first and second != second)
    except Exception:
        return False


def is_element(place, value, sources, turn):
    """`df["text"][i]`, `df["text"].iloc[i]`, `X[i]` in a loop over the numbers of the rows: what stands in one row."""
    if not place.is_subscript or not sources or isinstance(turn, bool) or not hasattr(turn, "__index__"):
        return False
    source, number = sources[0], turn.__index__()
    if kind_of(source) not in ("series", "array", "list") or not 0 <= number < (length(source) or 0):
        return False
    return is_same(value, source.iloc[number] if hasattr(source, "iloc") else source[number])
