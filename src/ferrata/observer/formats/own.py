"""Attributes: an object of the author's own class, by the values of its attributes. They may be numbers, text, arrays, lists, tuples, dicts, sets,
functions of the author's, and such objects again, as the nodes of a tree are. Lists and dicts of arrays, such as the weights of a network, are kept so too.

Round-trips: the attributes and their order, types, arrays to the last bit. Reading builds only classes that `TRUSTED` names, and runs no code of the file.
Does not: attributes of other kinds (models of libraries, tables, generators of random numbers), one object that is held twice, classes that say themselves
how they are pickled, or that extend a built-in one.
Source: ours; `attributes.json` and one npy file for each array, in a zip archive.
"""

from .archive import read_archive, write_archive
from .authors import is_own

name = "own"
suffix = ".zip"
runs_code = False

# Classes and functions of the author's that may be used when a model is read.
TRUSTED = []


def accepts(value):
    import sys

    base = sys.modules.get("sklearn.base")
    is_estimator = base is not None and isinstance(value, base.BaseEstimator)
    return type(value) in (list, tuple, dict, set, frozenset) or (is_own(value) and not is_estimator)


def untrusted(path):
    """The names of classes and functions that are in the file."""
    import json
    from pathlib import Path

    found = []
    json.loads(read_archive(Path(path))["attributes.json"], object_hook=lambda item: found.append(item.get("class") or item.get("function")) or item)
    return sorted({name for name in found if name})


def save(value, path):
    """Write an object of a class of this project: its attributes, arrays as npy files."""
    import json

    files = {}
    text = json.dumps(attributes_of(value, files, set()), indent=1)
    write_archive(path, {**files, "attributes.json": text.encode()})


def load(path):
    """Read what `save_own` wrote; refuses classes and functions that are not in TRUSTED."""
    import json
    from pathlib import Path

    files = read_archive(Path(path))
    return made_of(json.loads(files["attributes.json"]), files)


def attributes_of(item, files, seen):
    """The item as JSON; its arrays are added to `files`. Raises TypeError for what is not plain."""
    import math

    import numpy as np

    if item is None or type(item) in (bool, int, str) or (type(item) is float and math.isfinite(item)):
        return item
    if type(item) in (float, complex, bytes):
        return {type(item).__name__: repr(item)}
    if id(item) in seen:
        raise TypeError(f"a {type(item).__name__} is held twice")
    seen.add(id(item))
    if isinstance(item, np.generic) or type(item) is np.ndarray:
        return {"array": array_file(item, files)}
    if type(item) is list and len({type(each) for each in item}) == 1 and isinstance(item[0], np.number):
        return {"numbers": array_file(np.array(item), files)}
    if type(item) in (list, tuple):
        return {type(item).__name__: [attributes_of(each, files, seen) for each in item]}
    if type(item) in (set, frozenset):
        return {type(item).__name__: [attributes_of(each, files, seen) for each in sorted(item, key=repr)]}
    if type(item) is dict:
        return {"dict": [[attributes_of(key, files, seen), attributes_of(each, files, seen)] for key, each in item.items()]}
    if type(item) is type(attributes_of) and item.__qualname__ == item.__name__ and item.__name__.isidentifier():
        seen.discard(id(item))
        return {"function": f"{item.__module__}.{item.__name__}"}
    return object_of(item, files, seen)


def array_file(array, files):
    """The name of the npy file that holds the array, as it lies in memory."""
    import io

    import numpy as np

    if np.asarray(array).dtype.hasobject or len(files) == 1000:
        raise TypeError("an array holds objects, or there are too many arrays")
    file, name = io.BytesIO(), f"{len(files)}.npy"
    np.save(file, array, allow_pickle=False)
    files[name] = file.getvalue()
    return name if isinstance(array, np.ndarray) else f"scalar {name}"


def object_of(item, files, seen):
    """An object as its class and its attributes; only one that is no more than these."""
    import copyreg

    owner, reduced = type(item), item.__reduce_ex__(2)
    is_plain = owner.__reduce_ex__ is object.__reduce_ex__ and reduced[0] is copyreg.__newobj__ and reduced[1] == (owner,)
    is_plain = is_plain and not hasattr(owner, "__setstate__") and reduced[2] in (None, vars(item)) and list(reduced[3:]) in ([], [None, None])
    if not is_plain or owner.__qualname__ != owner.__name__ or not is_own(item):
        raise TypeError(f"a {owner.__name__} is more than plain attributes")
    return {"class": f"{owner.__module__}.{owner.__name__}", "attributes": attributes_of(dict(vars(item)), files, seen)}


def made_of(item, files):
    """What `attributes_of` was given."""
    if not isinstance(item, dict):
        return item
    if "class" in item:
        owner = trusted(item["class"])
        made = owner.__new__(owner)
        vars(made).update(made_of(item["attributes"], files))
        return made
    ((kind, content),) = item.items()
    if kind == "dict":
        return {made_of(key, files): made_of(each, files) for key, each in content}
    if kind in ("list", "tuple", "set", "frozenset"):
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](made_of(each, files) for each in content)
    if kind == "numbers":
        return list(value_of("array", content, files))
    return trusted(content) if kind == "function" else value_of(kind, content, files)


def value_of(kind, content, files):
    """An array, or a value that JSON does not know."""
    import ast
    import io

    import numpy as np

    if kind == "array":
        array = np.load(io.BytesIO(files[content.rpartition(" ")[2]]), allow_pickle=False)
        return array[()] if content.startswith("scalar ") else array
    return {"float": float, "complex": complex, "bytes": ast.literal_eval}[kind](content)


def trusted(name):
    """The class or function of this name, when it may be used."""
    import importlib

    if name not in TRUSTED:
        raise TypeError(f"{name} is not among the classes and functions that may be used when a model is read")
    module, _, own = name.rpartition(".")
    return getattr(importlib.import_module(module), own)


parts = (write_archive, read_archive, is_own, attributes_of, array_file, object_of, made_of, value_of, trusted)
