"""Which data set of torch a batch came from that a network was asked about, and how the author's objects in it were made."""

import sys

from .asked import as_array, digests

_TRIED = 4  # items that are looked at twice
_PLAIN = (str, bytes, int, float, bool, type(None))
_OF_BATCHES = ("BatchNorm", "Dropout")  # layers that answer otherwise while a network is trained


class Loaders:
    """`last`: the data set and the batch that a loader gave last, and whether it was put together as loaders do by themselves."""

    def __init__(self):
        self.last, self._watched, self._trained, self._changing = None, None, {}, {}

    def watch(self):
        """As soon as torch is there, its loaders are listened to."""
        module = sys.modules.get("torch.utils.data.dataloader")
        kind = getattr(module, "_BaseDataLoaderIter", None)
        if kind is None or kind is self._watched:
            return
        self._watched, original = kind, kind.__next__

        def next_batch(iterator):
            batch = original(iterator)
            self.last = (iterator._dataset, batch, getattr(getattr(iterator, "_collate_fn", None), "__name__", "") == "default_collate")
            return batch

        kind.__next__ = next_batch

    def train(self):
        """A network was trained with the last batch."""
        if self.last:
            self._trained[id(self.last[0])] = self.last[0]

    def is_trained(self, source):
        """Whether the network was trained with this very data set, or with most of its files."""
        if not source or id(source[0]) in self._trained:
            return bool(source)
        files = _files(source[0])
        known = {path for data in self._trained.values() for path in _files(data)} if files else set()
        return len(known.intersection(files)) * 2 > len(files)

    def batch_of(self, count):
        """The last batch, where it may be what so many images came from."""
        is_it = self.last is not None and any(len(part) == count for part in _parts(self.last[1]) if getattr(part, "shape", ()))
        return self.last if is_it else None

    def worth(self, source):
        data = whole(source[0])
        if id(data) not in self._changing:
            self._changing[id(data)] = (data, is_changing(data))
        return not self._changing[id(data)][1], not self.is_trained(source)

    def truth(self, count):
        """What the last batch says that each of so many images is; None where it says nothing of the kind."""
        for part in _parts(self.last[1]) if self.last else ():
            array = as_array(part) if hasattr(part, "shape") else None
            if array is not None and len(array) == count and array.ndim <= 2 and array.size == count and array.dtype.kind in "iufb":
                return array.reshape(count)
        return None


def _parts(batch):
    if isinstance(batch, dict):
        return list(batch.values())
    return list(batch) if isinstance(batch, (tuple, list)) else [batch]


def about_calls(loaders, model, calls, places, values):
    """Where a network was asked, and about which data set."""
    sources = [call["source"] for call in calls]
    sets = list({id(whole(source[0])): source[0] for source in sources if source}.values())
    return {"call": calls[0]["site"], "given": max(call["given"] for call in calls), "is_training": calls[0]["is_training"],
            "is_seen": loaders.is_trained(sources[0]), "layers": layers_of_training(model),
            "is_collated": all(source and source[2] for source in sources), "sets": [about_set(data, places, values) for data in sets[:2]]}


def about_set(data, places, values):
    """What the prediction function needs to know of a data set: its class, where it was made, what its attributes are."""
    data = whole(data)
    kind = type(data)
    about = {"class": kind.__name__, "module": kind.__module__, "kind": _kind(data), "made": _made(data, places, values), "attributes": {},
             "changing": is_changing(data), "classes": _classes(data)}
    for name, value in vars(data).items():
        about["attributes"][name] = _attribute(value, places, values)
    return about


def _files(data):
    """The files of a folder of torchvision, or of a part of it."""
    chosen, base = getattr(data, "indices", None), whole(data)
    samples = getattr(base, "samples", None)
    if not isinstance(samples, list) or not all(isinstance(item, tuple) for item in samples[:1]):
        return []
    paths = [item[0] for item in samples]
    return paths if base is data else [paths[number] for number in chosen if number < len(paths)]


def whole(data):
    """The data set of which this is a part."""
    while type(data).__name__ == "Subset" and hasattr(data, "indices"):
        data = data.dataset
    return data


def _kind(data):
    """`folder`: of torchvision, which opens the files; `own`: the author's class; `tensors`: of arrays that were there before; else `other`."""
    names = {base.__name__ for base in type(data).__mro__ if base.__module__.startswith("torchvision.datasets.folder")}
    if type(data).__module__ == "__main__":
        return "own"
    if "DatasetFolder" in names and type(data).__module__.startswith("torchvision"):
        return "folder"
    return "tensors" if type(data).__name__ == "TensorDataset" else "other"


def _attribute(value, places, values):
    made = _place(value, places, values)
    plain = value if isinstance(value, _PLAIN) else None
    if _is_plain_tuple(value):
        plain = value
    return {"is_none": value is None, "is_true": _truth(value), "text": repr(plain) if plain is not None else "", "made": made and [made.statement, *made.site],
            "names": _names_below(made, places, values) if made else {}, "set": about_set(value, places, values) if _is_set(value) else None,
            "name": getattr(value, "__name__", "") if callable(value) else "", "shown": repr(value)[:300] if callable(value) else ""}


def _truth(value):
    try:
        return bool(value)
    except Exception:
        return True


def _made(value, places, values):
    """[statement, site] of the call that gave this very object; None where there was none that was seen."""
    found = _place(value, places, values)
    return [found.statement, *found.site] if found else None


def _place(value, places, values):
    if isinstance(value, _PLAIN):
        return None
    return next((places[number] for number, each in values.items() if each is value and places[number].is_call), None)


def _names_below(place, places, values):
    """What the names in a call were when it was made, where that is a plain value: they may be a function's own."""
    found = {}
    for number in place.below:
        inner = places[number]
        if inner.is_name and number in values and (isinstance(values[number], _PLAIN) or _is_plain_tuple(values[number])):
            found[inner.name] = repr(values[number])
        found.update(_names_below(inner, places, values))
    return found


def _is_plain_tuple(value):
    return isinstance(value, (tuple, list)) and len(value) < 10 and all(isinstance(item, _PLAIN) for item in value)


def _is_set(value):
    return any(base.__module__.startswith("torch.utils.data") and base.__name__ == "Dataset" for base in type(value).__mro__)


def _classes(data):
    names = getattr(data, "classes", None)
    return [str(name) for name in names] if isinstance(names, (list, tuple)) and names and getattr(data, "target_transform", None) is None else None


def is_changing(data):
    """Whether the same item is another one the next time: its images are changed at random."""
    try:
        for number in range(min(_TRIED, len(data))):
            first, second = (_digests(data[number]) for _ in range(2))
            if first != second:
                return True
    except Exception:
        return False
    return False


def _digests(item):
    arrays = [as_array(part) for part in _parts(item) if hasattr(part, "shape")]
    return [digests(array[None]) for array in arrays if array is not None]


def layers_of_training(model):
    """Names of its layers that answer otherwise while it is trained."""
    return sorted({type(layer).__name__ for layer in model.modules() if type(layer).__name__.startswith(_OF_BATCHES)})
