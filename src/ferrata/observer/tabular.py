"""Fingerprints of arrays and tables: NumPy, pandas, SciPy's sparse matrices."""

import hashlib
import marshal
import sys

_SIZE = 16
_PIECE = 1 << 24


def find_handler(kind):
    """The function (walk, value) → digest for a type of NumPy, pandas or SciPy, or None."""
    if kind not in _CACHE:
        _CACHE[kind] = _choose(kind)
    return _CACHE[kind]


_CACHE = {}


def _choose(kind):
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None:
        for base, handler in (
            (numpy.ndarray, array),
            (numpy.generic, _scalar),
            (numpy.dtype, _by_text),
            (numpy.random.RandomState, _random_state),
        ):
            if issubclass(kind, base):
                return handler
        if hasattr(numpy.random, "Generator") and issubclass(kind, numpy.random.Generator):
            return _generator
        if kind.__name__ == "ufunc":
            return _by_text
    if kind.__module__.startswith("scipy.sparse") and hasattr(kind, "tocsr"):
        return _sparse
    if pandas is not None and hasattr(pandas, "DataFrame"):
        return _choose_pandas(kind, pandas)
    return None


def _choose_pandas(kind, pandas):
    if issubclass(kind, pandas.DataFrame):
        return _frame
    if issubclass(kind, pandas.Series):
        return _series
    if issubclass(kind, pandas.Index):
        return _index
    if issubclass(kind, pandas.api.extensions.ExtensionArray):
        return extension
    if kind.__module__.startswith("pandas._libs") or issubclass(kind, pandas.api.extensions.ExtensionDtype):
        return _by_text
    if ".groupby." in kind.__module__ or ".window." in kind.__module__ or ".resample" in kind.__module__:
        return _grouped
    return None


def _by_text(walk, value):
    return walk.join(type(value).__name__, [repr(value).encode("utf-8", "replace")])


def _scalar(walk, value):
    return walk.join(
        b"scalar " + value.dtype.str.encode(), [value.tobytes() if value.dtype.kind != "O" else repr(value).encode()]
    )


def _random_state(walk, value):
    if value is sys.modules["numpy"].random.mtrand._rand:
        return b"numpy's global generator"
    walk.touches.add(id(value))
    return walk.join(b"RandomState", [walk.digest(part) for part in value.get_state()])


def _generator(walk, value):
    walk.touches.add(id(value))
    return walk.join(b"Generator", [walk.digest(value.bit_generator.state)])


def memory_of(value):
    """Identity of the memory that an array looks at: the same for a view and its base, and for a tensor that shares it."""
    owner = value
    while isinstance(owner.base, sys.modules["numpy"].ndarray):
        owner = owner.base
    return ("memory", owner.__array_interface__["data"][0])


def array(walk, value):
    numpy = sys.modules["numpy"]
    walk.touches.add(id(value))
    head = (f"array {value.dtype.descr if value.dtype.names else value.dtype.str} {value.shape}").encode()
    if isinstance(value, numpy.ma.MaskedArray):
        return walk.join(
            b"masked " + head, [array(walk, numpy.ma.getdata(value)), array(walk, numpy.ma.getmaskarray(value))]
        )
    value = numpy.asarray(value)
    if value.size:
        walk.touches.add(memory_of(value))
    if value.dtype.names:
        return walk.join(head, [array(walk, numpy.ascontiguousarray(value[name])) for name in value.dtype.names])
    return walk.join(head, [objects(walk, value) if value.dtype.hasobject else _bytes(walk, value)])


def _bytes(walk, value):
    numpy = sys.modules["numpy"]
    total = hashlib.blake2b(digest_size=_SIZE)
    walk.left -= value.nbytes
    if walk.left < 0 and value.nbytes > 1 << 16:
        walk.exact = False
        value = _sampled(value)
    if value.flags.c_contiguous:
        total.update(value.reshape(-1).view(numpy.uint8).data if value.size else b"")
        return total.digest()
    rows = max(1, _PIECE // max(1, value.nbytes // max(1, len(value))))
    for start in range(0, len(value), rows):
        total.update(numpy.ascontiguousarray(value[start : start + rows]).reshape(-1).view(numpy.uint8).data)
    return total.digest()


def _sampled(value):
    """Head, tail and evenly spaced items of a large array, as one flat copy of at most a few MB."""
    numpy = sys.modules["numpy"]
    keep = max(1, (1 << 20) // value.itemsize)
    flat = value.reshape(-1) if value.flags.c_contiguous else value.ravel(order="K")
    return numpy.concatenate([flat[:keep], flat[:: max(1, flat.size // keep)], flat[-keep:]])


_PLAIN = frozenset({int, float, bool, str, bytes, type(None)})


def objects(walk, value):
    """An array of Python objects, usually strings."""
    items = value.ravel().tolist()
    return texts(walk, items)


def texts(walk, items):
    walk.left -= 60 * len(items)
    if walk.left < 0 and len(items) > 2000:
        from .fingerprint import sample

        walk.exact, items = False, sample(items)
    if set(map(type, items)) <= _PLAIN:
        return hashlib.blake2b(marshal.dumps(items, 2), digest_size=_SIZE).digest()
    return walk.join(b"items", [_item(walk, item) for item in items])


def _item(walk, item):
    if type(item) in _PLAIN:
        return walk.digest(item)
    module = type(item).__module__
    if module.startswith("pandas._libs") or module == "datetime":
        return repr(item).encode()
    return walk.digest(item)


def column(walk, values):
    """One column: an array or an extension array."""
    numpy = sys.modules["numpy"]
    if isinstance(values, numpy.ndarray):
        head = values.dtype.str.encode()
        return walk.join(head, [objects(walk, values) if values.dtype.hasobject else _bytes(walk, values)])
    return extension(walk, values)


def extension(walk, values):
    walk.touches.add(id(values))
    head = str(values.dtype).encode("utf-8", "replace")
    if hasattr(values, "codes") and hasattr(values, "categories"):
        return walk.join(
            b"categorical", [column(walk, values.codes), _index(walk, values.categories), str(values.ordered).encode()]
        )
    if hasattr(values, "_data") and hasattr(values, "_mask"):
        data = values._data.copy()
        data[values._mask] = data.dtype.type()
        return walk.join(head, [column(walk, data), column(walk, values._mask)])
    if hasattr(values, "asi8"):
        return walk.join(head, [column(walk, values.asi8)])
    if hasattr(values, "_pa_array"):
        return walk.join(head, [texts(walk, values._pa_array.to_pylist())])
    inner = getattr(values, "_ndarray", None)
    return walk.join(head, [column(walk, inner)] if inner is not None else [texts(walk, list(values))])


def _frame(walk, value):
    walk.touches.add(id(value))
    columns = [b""] * value.shape[1]
    for block in value._mgr.blocks:
        values, places = block.values, block.mgr_locs.as_array
        _touch(walk, values)
        if getattr(values, "ndim", 1) == 2:
            for row, place in enumerate(places):
                columns[place] = column(walk, values[row])
        else:
            columns[places[0]] = column(walk, values)
    attributes = walk.digest(value.attrs) if value._attrs else b""
    return walk.join(
        type(value).__name__, [_index(walk, value.columns), _index(walk, value.index), attributes] + columns
    )


def _touch(walk, values):
    numpy = sys.modules["numpy"]
    inner = getattr(values, "_ndarray", values)
    if isinstance(inner, numpy.ndarray) and inner.size:
        walk.touches.add(memory_of(inner))


def _series(walk, value):
    walk.touches.add(id(value))
    values = value._mgr.blocks[0].values if hasattr(value, "_mgr") and value._mgr.blocks else value.array
    _touch(walk, values)
    return walk.join(type(value).__name__, [column(walk, values), _index(walk, value.index), walk.digest(value.name)])


def _index(walk, value):
    kind = type(value).__name__
    if kind == "RangeIndex":
        return walk.join(b"range", [repr((value.start, value.stop, value.step, value.name)).encode("utf-8", "replace")])
    if kind == "MultiIndex":
        levels = [
            part
            for level, codes in zip(value.levels, value.codes)
            for part in (_index(walk, level), column(walk, codes))
        ]
        return walk.join(b"multi", levels + [walk.digest(tuple(value.names))])
    return walk.join(kind, [column(walk, value._values), walk.digest(value.name)])


def _grouped(walk, value):
    return walk.join(type(value).__name__, [walk.digest(value.obj), repr(getattr(value, "keys", None)).encode()[:500]])


def _sparse(walk, value):
    walk.touches.add(id(value))
    state = {name: part for name, part in vars(value).items() if not name.startswith("_has") and name != "maxprint"}
    return walk.join(type(value).__name__, [walk.state(state)])
