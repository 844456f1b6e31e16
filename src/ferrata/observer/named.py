"""Files of the author's that a value names: code that opens them in a library's own threads, or in a graph, is not seen opening them."""

import itertools
import os
import sys
from pathlib import PurePath

_FIRST, _MOST, _LARGE, _COLUMNS = 3, 20000, 1000000, 50
_TEXTS = frozenset(("object", "str", "string", "category"))
# Of so many files in one folder the folder is told.
_FEW = 10


class Named:
    """What each variable names: files of a collection, or the one file or folder of a text. `files` tells which paths are the author's."""

    def __init__(self, files):
        self._files, self._many, self._one = files, {}, {}

    def bind(self, names, variables):
        """These names have new values."""
        for name in names:
            try:
                many, one = self._named_by(variables.get(name))
            except Exception:
                many, one = (), ()
            self._many[name], self._one[name] = many, one

    def by(self, names):
        """(files that these names' collections name, files and folders that their texts name), sorted."""
        return tuple(sorted({path for name in names for path in held.get(name, ())}) for held in (self._many, self._one))

    def _named_by(self, value):
        if isinstance(value, (str, PurePath)):
            return (), tuple(self._places([value] if _is_text(value) and os.path.exists(value) else []))
        found = {path for texts in _collections(value) for path in self._of(texts)}
        return tuple(self._places(found)), ()

    def _of(self, texts):
        if not any(_is_text(text) and os.path.isfile(text) for text in texts(_FIRST)):
            return []
        return [text for text in texts(_MOST) if _is_text(text) and os.path.isfile(text)]

    def _places(self, texts):
        """Relative to where the notebook runs, inside of its own files; a folder where many of its files are named."""
        folders = {}
        for text in texts:
            path = self._files.inside(os.path.abspath(text))
            if path:
                folders.setdefault(os.path.dirname(path), set()).add(path + ("/" if os.path.isdir(text) else ""))
        for folder, paths in folders.items():
            can_be_told = folder.strip("./") and len(paths) > _FEW
            yield from [folder + "/"] if can_be_told else paths


def _is_text(value):
    return isinstance(value, (str, PurePath)) and 0 < len(str(value)) < 1000 and "\0" not in str(value)


def _collections(value):
    """For each part of one kind a function that gives its first so many members."""
    if isinstance(value, (list, tuple)):
        return [lambda count: value[:count]]
    if isinstance(value, (set, frozenset)):
        return [lambda count: list(itertools.islice(value, count))]
    if isinstance(value, dict):
        return [lambda count: list(itertools.islice(value, count)), lambda count: list(itertools.islice(value.values(), count))]
    if type(value).__module__ == "__main__" and not isinstance(value, type):
        return [texts for part in vars(value).values() if type(part).__module__ != "__main__" for texts in _collections(part)]
    return _of_arrays(value)


def _of_arrays(value):
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return [lambda count: value.ravel()[:count].tolist()] if value.dtype.kind in "UO" and value.size < _LARGE else []
    if pandas is None or not hasattr(pandas, "DataFrame"):
        return []
    if isinstance(value, pandas.DataFrame):
        return [texts for number in range(min(value.shape[1], _COLUMNS)) for texts in _of_arrays(value.iloc[:, number])]
    if isinstance(value, pandas.Series) and str(value.dtype) in _TEXTS:
        return [lambda count: value.iloc[:count].tolist()]
    if isinstance(value, pandas.Index) and str(value.dtype) in _TEXTS:
        return [lambda count: value[:count].tolist()]
    return []
