"""skops: scikit-learn estimators, what follows their interface, objects of the author's own classes, and lists, tuples and dicts that hold some.

Round-trips: parameters and everything fitted. Reading builds only types that skops knows or that `TRUSTED` names, and runs no code.
Does not: functions and lambdas of the notebook itself, generators of random numbers of some kinds, memory order of some arrays.
skops writes addresses in memory, the order of sets, the time of day and the unused bytes of structured arrays (the nodes of trees); here they are
replaced, so that equal objects give equal bytes.
Source: https://skops.readthedocs.io/en/stable/persistence.html
"""

from .archive import read_archive, write_archive
from .authors import is_own

name = "skops"
suffix = ".skops"
runs_code = False

# Types outside skops' own list that may be built when a model is read.
TRUSTED = []


def accepts(value):
    import sys

    base = sys.modules.get("sklearn.base")

    def holds_estimators(item):
        if isinstance(item, base.BaseEstimator) or is_own(item):
            return True
        items = item.values() if type(item) is dict else item if type(item) in (list, tuple) else ()
        return any(holds_estimators(inner) for inner in items)

    return base is not None and holds_estimators(value)


def untrusted(path):
    """The types in the file that skops does not know."""
    from skops.io import get_untrusted_types

    return sorted(get_untrusted_types(file=path))


def save(value, path):
    """Write scikit-learn estimators; equal estimators give equal bytes."""
    import io
    import json

    from skops import io as skops_io

    files = read_archive(io.BytesIO(skops_io.dumps(value)))
    schema = json.loads(files.pop("schema.json"))
    names = {}
    number_objects(schema, {}, names)
    arrays = {new: clear_padding(files[old]) if old.endswith(".npy") else files[old] for old, new in names.items()}
    write_archive(path, {**arrays, "schema.json": json.dumps(schema).encode()})


def load(path):
    """Read what `save_skops` wrote; refuses types that are neither skops' own nor in TRUSTED."""
    from skops import io as skops_io

    return skops_io.load(path, trusted=TRUSTED)


def number_objects(node, numbers, names):
    """Replace addresses in memory by numbers and name files by them, in order of appearance."""
    if isinstance(node, list):
        for item in node:
            number_objects(item, numbers, names)
    elif isinstance(node, dict):
        if node.get("__loader__") == "SetNode":
            node["content"].sort(key=lambda item: str(item.get("content")))
        if "_stop_words_id" in node:
            # An address by which scikit-learn remembers that it has checked the stop words; 0 makes it check again.
            node["_stop_words_id"]["content"] = "0"
        if isinstance(node.get("file"), str):
            node["file"] = names.setdefault(node["file"], f"{len(names)}.{node['file'].rpartition('.')[2]}")
        for item in node.values():
            number_objects(item, numbers, names)
        if "__id__" in node:
            same = (node["__class__"], node["content"]) if node.get("is_json") else node["__id__"]
            node["__id__"] = numbers.setdefault(same, len(numbers) + 1)


def clear_padding(content):
    """The bytes of an npy file with zeros where a structured array has unused bytes."""
    import io

    import numpy as np

    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)
    for name in array.dtype.names:
        clean[name] = array[name]
    file = io.BytesIO()
    np.save(file, clean, allow_pickle=False)
    return file.getvalue()


parts = (write_archive, read_archive, number_objects, clear_padding)
