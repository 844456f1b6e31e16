"""Which rows of the data file a value holds, found by its index, its memory or its length.

A list of batches holds more rows than it is long: the number of rows is that of the positions.
"""

import sys


class Tag:
    """`positions` are the rows of the data file in `value`, -1 for rows from elsewhere; `length` and `index` are how it was when it was tagged."""

    def __init__(self, value, root, positions):
        self.value, self.root, self.positions = value, root, positions
        self.length, self.index = length(value), index_of(value)


class Tags:
    """The tagged values, by identity. They are kept alive, so that no identity is used twice."""

    def __init__(self):
        self._tags = {}

    def get(self, value):
        """The tag of a value as it is now; None when it is no table of rows, or no longer the one it was."""
        tag = self._tags.get(id(value))
        if tag is None or tag.value is not value:
            return None
        if length(value) != tag.length:
            tag = self._shrunk(tag)
        return tag

    def put(self, value, root, positions):
        tag = self._tags[id(value)] = Tag(value, root, positions)
        return tag

    def alias(self, value, tag):
        return self.put(value, tag.root, tag.positions)

    def lend(self, value, owner):
        """The tag of a table for its copy, which a function was given in its place."""
        tag = self.get(owner) if kind_of(value) == kind_of(owner) == "frame" and value is not owner else None
        if tag is not None and self.get(value) is None and value.index.equals(owner.index):
            self.alias(value, tag)

    def _shrunk(self, tag):
        """Rows were left out in place: the index says which are left."""
        positions = by_index(tag.index, index_of(tag.value), tag.positions)
        if positions is None:
            del self._tags[id(tag.value)]
            return None
        return self.put(tag.value, tag.root, positions)


def kind_of(value):
    """`frame`, `series`, `index`, `array`, `list`, `carrier`, or "" for what can be no table of rows."""
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None:
        for name, kind in (("DataFrame", "frame"), ("Series", "series"), ("Index", "index"), ("Categorical", "array")):
            if isinstance(value, getattr(pandas, name)):
                return kind
        if isinstance(value, pandas.api.extensions.ExtensionArray):
            return "array"
    if numpy is not None and isinstance(value, numpy.ndarray):
        return "array" if value.ndim else ""
    if isinstance(value, list):
        return "list"
    if hasattr(value, "shape") and hasattr(value, "tocsr"):
        return "array"
    if type(value).__module__.startswith(("torch", "tensorflow")) and hasattr(value, "shape"):
        return "array"
    return "carrier" if carried(value) is not None else ""


def carried(value):
    """How many rows a library's own container holds (DMatrix, Pool, TensorDataset, a DataLoader in order), None for what is none."""
    root = type(value).__module__.partition(".")[0]
    if root in ("xgboost", "catboost", "_catboost") and hasattr(value, "num_row"):
        return int(value.num_row())
    torch = sys.modules.get("torch")
    data = getattr(getattr(torch, "utils", None), "data", None)
    if data is None or not hasattr(data, "DataLoader"):
        return None
    if isinstance(value, data.DataLoader):
        return len(value.dataset) if isinstance(value.sampler, data.SequentialSampler) and not value.drop_last else None
    return len(value) if isinstance(value, data.Dataset) and hasattr(value, "__len__") else None


def length(value):
    """How many rows; None for what has no length."""
    if kind_of(value) == "carrier":
        return carried(value)
    if kind_of(value) == "array":
        return int(value.shape[0]) if len(value.shape) else None
    try:
        return len(value)
    except TypeError:
        return None


def in_batches(value):
    """How many rows the arrays of a list hold together; None for another list."""
    if not isinstance(value, list) or not value or any(kind_of(item) != "array" for item in value):
        return None
    return sum(length(item) or 1 for item in value)


def index_of(value):
    return value.index if kind_of(value) in ("frame", "series") else None


def by_index(source, index, positions):
    """Positions of the rows that `index` names, None when it does not name them one by one."""
    if source is None or index is None or not source.is_unique:
        return None
    places = source.get_indexer(index)
    return None if len(places) and (places < 0).any() else positions[places]


def same_rows(value, source):
    """Whether `value` is some rows of `source`, unchanged and with all their columns that it has."""
    index = value.index
    if not source.index.is_unique or index.nlevels != source.index.nlevels or not index.isin(source.index).all():
        return False
    taken = source.loc[index]
    if kind_of(value) == "frame" and kind_of(source) == "frame":
        if not value.columns.is_unique or not set(value.columns) <= set(source.columns):
            return False
        return bool(value.equals(taken[list(value.columns)]))
    return kind_of(value) == kind_of(source) and bool(value.equals(taken))


def slice_of(value, source):
    """Which rows an array that shares the memory of another has, as a slice; None where it is not one of its slices."""
    numpy = sys.modules["numpy"]
    if not (isinstance(value, numpy.ndarray) and isinstance(source, numpy.ndarray)) or value.ndim != source.ndim:
        return None
    if value.shape[1:] != source.shape[1:] or not len(value) or not numpy.shares_memory(value, source):
        return None
    start = value.__array_interface__["data"][0] - source.__array_interface__["data"][0]
    stride = source.strides[0]
    if not stride or start % stride or value.strides[0] % stride:
        return None
    first, step = start // stride, value.strides[0] // stride
    last = first + step * len(value)
    return slice(first, last if last >= 0 else None, step)


def size_of(value):
    """Bytes of a table or an array; of texts only what points to them. 0 for anything else."""
    usage = getattr(value, "memory_usage", None)
    if callable(usage) and kind_of(value) in ("frame", "series", "index"):
        found = usage(deep=False)
        return int(found if isinstance(found, int) else found.sum())
    return int(getattr(value, "nbytes", 0)) if kind_of(value) == "array" else 0
