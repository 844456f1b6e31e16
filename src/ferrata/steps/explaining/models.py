"""Inside of two model files: the first attribute, and value of it, that differs.

Nothing of them is executed: skops files are JSON and arrays; of a pickle (also of joblib and torch) the objects are built as inert stand-ins that keep
their names, arguments and state. Formats: skops/io/_protocol; joblib/numpy_pickle.py (arrays follow the object that announces them); torch's zip archive.
"""

from __future__ import annotations

import collections
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

SUFFIXES = (".skops", ".pkl", ".pickle", ".joblib", ".pt", ".pth")
_LARGEST = 1 << 28
# What is built as it is: values of Python itself.
_PLAIN: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): collections.OrderedDict, ("_codecs", "encode"): lambda text, code="latin1": text.encode("latin1"),
    **{("builtins", each.__name__): each for each in (set, frozenset, complex, bytearray, slice, range)},
}  # fmt: skip
_UNREADABLE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, OSError, RecursionError, ImportError, StopIteration, pickle.UnpicklingError,
    zipfile.BadZipFile,
)  # fmt: skip
_Unpickler: Any = pickle._Unpickler  # the one in Python, of which the steps can be overridden


def first_difference(here: Path, there: Path) -> str:
    """"coef_: first in row 1 (3 of 4 values)"; "" where nothing is found, or one of the files cannot be looked into."""
    if max(here.stat().st_size, there.stat().st_size) > _LARGEST:
        return ""
    try:
        return next(_differing(_read(here), _read(there), "", set()), "")
    except _UNREADABLE:
        return ""  # a format of another version, or compressed


def _read(path: Path) -> Any:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            return _Inert(stream).load()
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if "schema.json" in files:
        return _node(json.loads(files["schema.json"]), files)
    data = next(name for name in files if name.endswith("data.pkl"))
    return _Inert(io.BytesIO(files[data]), lambda key: files[f"{data.removesuffix('data.pkl')}data/{key}"]).load()


def _node(node: Any, files: Mapping[str, bytes]) -> Any:
    """A node of skops as what it stands for: arrays, dictionaries by key, lists; anything else as it is written."""
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("file"), str):
        held = files[node["file"]]
        return _array_file(held) if node["file"].endswith(".npy") else held
    content = node.get("content")
    if node.get("is_json") and isinstance(content, str):
        return json.loads(content)
    if isinstance(content, dict) and "__class__" not in content:
        return {key: _node(value, files) for key, value in content.items() if key != "key_types"}
    if isinstance(content, list):
        return [_node(value, files) for value in content]
    if isinstance(content, dict):
        return _node(content, files)
    return content if content is not None else {key: value for key, value in node.items() if key != "__id__"}


def _array_file(content: bytes) -> Any:
    import numpy as np

    return np.load(io.BytesIO(content), allow_pickle=False)


class _Inert(_Unpickler):  # type: ignore[misc]
    """Builds a stand-in for every object of a class."""

    dispatch = dict(_Unpickler.dispatch)

    def __init__(self, stream: BinaryIO, storage: Callable[[str], bytes] | None = None) -> None:
        super().__init__(stream)
        self.stream, self.storage = stream, storage

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return _PLAIN[module, name]
        return type(name, (_StandIn,), {"kind": f"{module}.{name}"})

    def persistent_load(self, pid: Any) -> Any:
        assert self.storage is not None
        return {"type": pid[1].__name__, "bytes": self.storage(pid[2])}

    def load_build(self) -> None:
        super().load_build()
        found = self.stack[-1]
        if isinstance(found, _StandIn) and found.kind.endswith("NumpyArrayWrapper"):
            self.stack[-1] = self._following(found.state)

    dispatch[pickle.BUILD[0]] = load_build

    def _following(self, said: Mapping[str, Any]) -> Any:
        """joblib writes an array behind the object that announces it."""
        import numpy as np

        kind = _dtype(said["dtype"])
        if kind.hasobject:
            return type(self)(self.stream).load()
        if said.get("numpy_array_alignment_bytes") is not None:
            self.stream.read(self.stream.read(1)[0])
        content: bytes = self.stream.read(int(np.prod(said["shape"], dtype=np.int64)) * kind.itemsize)
        return np.frombuffer(content, kind).reshape(said["shape"], order=said["order"])


class _StandIn:
    kind = ""

    def __new__(cls, *arguments: Any, **named: Any) -> Any:
        found = super().__new__(cls)
        found.arguments, found.state, found.items = (*arguments, *named.values()), None, []
        return found

    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass

    arguments: tuple[Any, ...]
    state: Any
    items: list[Any]

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def append(self, item: Any) -> None:
        self.items.append(item)

    def extend(self, items: Any) -> None:
        self.items.extend(items)

    def add(self, item: Any) -> None:
        self.items.append(item)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items.append((key, value))


def _dtype(stand_in: Any) -> Any:
    import numpy as np

    order = stand_in.state[1] if isinstance(stand_in.state, tuple) and stand_in.state[1] in ("<", ">") else "="
    return np.dtype(stand_in.arguments[0]).newbyteorder(order)


def _plain(value: Any) -> Any:
    """An array or number that was pickled as NumPy does it; an object as its attributes, a class as its name."""
    import numpy as np

    if isinstance(value, type) and issubclass(value, _StandIn):
        return value.kind
    if not isinstance(value, _StandIn):
        return value
    if value.kind.endswith("multiarray._reconstruct") and isinstance(value.state, tuple):
        _, shape, kind, is_fortran, content = value.state
        if isinstance(content, bytes):
            return np.frombuffer(content, _dtype(kind)).reshape(shape, order="F" if is_fortran else "C")
        return content
    if value.kind.endswith("multiarray.scalar") and isinstance(value.arguments[1], bytes):
        return np.frombuffer(value.arguments[1], _dtype(value.arguments[0]))[0]
    if isinstance(value.state, dict) and not value.items:
        return value.state
    return [each for each in (value.kind, *value.arguments, value.state, *value.items) if each is not None]


def _differing(here: Any, there: Any, name: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    """The places that differ, in the order in which they are written."""
    if (id(here), id(there)) in seen:
        return
    seen.add((id(here), id(there)))
    if isinstance(here, _StandIn) and isinstance(there, _StandIn) and here.kind != there.kind:
        yield f"{name or 'the model'}: {there.kind} there, {here.kind} here"
        return
    ours, theirs = _plain(here), _plain(there)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in dict.fromkeys([*ours, *theirs]):
            below = f"{name}.{key}" if name else str(key)
            if key in ours and key in theirs:
                yield from _differing(ours[key], theirs[key], below, seen)
            else:
                yield f"{below}: {'only here' if key in ours else 'only there'}"
    elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        for place, pair in enumerate(zip(ours, theirs, strict=False)):
            yield from _differing(*pair, f"{name}[{place}]", seen)
        if len(ours) != len(theirs):
            yield f"{name}: {len(theirs)} values there, {len(ours)} here"
    else:
        yield from _leaf(ours, theirs, name)


def _leaf(ours: Any, theirs: Any, name: str) -> Iterator[str]:
    if hasattr(ours, "dtype") and hasattr(theirs, "dtype"):
        said = _arrays(ours, theirs)
        yield from [f"{name}: {said}"] if said else []
    elif type(ours) is not type(theirs) or (ours != theirs and ours == ours):
        short = [text if len(text) <= 40 else f"{text[:39]}…" for text in (repr(theirs), repr(ours))]
        yield f"{name}: {short[0]} there, {short[1]} here" if not isinstance(ours, bytes) else f"{name}: other bytes"


def _arrays(ours: Any, theirs: Any) -> str:
    import numpy as np

    if ours.shape != theirs.shape:
        return f"{' × '.join(map(str, theirs.shape))} there, {' × '.join(map(str, ours.shape))} here"
    if ours.dtype != theirs.dtype:
        return f"{theirs.dtype} there, {ours.dtype} here"
    if ours.dtype.names:
        return next((f"{field}: {said}" for field in ours.dtype.names if (said := _arrays(ours[field], theirs[field]))), "")
    same = (ours == theirs) | ((ours != ours) & (theirs != theirs))
    if same.all():
        return ""
    if same.size == 1:
        return f"{theirs.item()!r} there, {ours.item()!r} here"
    place = np.argwhere(~same)[0]
    rest = f", place {', '.join(str(int(number) + 1) for number in place[1:])}" if len(place) > 1 else ""
    return f"first in row {int(place[0]) + 1}{rest} ({int((~same).sum()):,} of {same.size:,} values)"
