"""What a model was asked about: each row that it was given, by its digest, with its answer. The author's calls go through `Asked.model`."""

import hashlib
import json
import os

from ..randomness import Kept

METHODS = ("fit", "predict", "predict_proba", "evaluate", "score", "predict_on_batch", "test_on_batch", "predict_step", "forward")
_MOST_BYTES = 256 * 2**20  # of rows that are kept whole
_MOST_ROWS = 200_000
_MOST_LEARNED = 20_000


class Asked:
    """`calls`: [statement, model, digests, answers, truths, rows (or None)]; `at` is the statement that runs now.

    `sets` are data sets that a model was given. They are gone through at the end: once more in between would give training another order.
    """

    def __init__(self, loaders=None):
        self.calls, self.sets, self.learned, self.at, self.kept, self.count = [], [], [], -1, 0, 0
        self.loaders, self.site = loaders, None

    def model(self, value, *site):
        """A model, so that its calls are noted; anything else as it is. `site` is where the author's call stands: statement, and its place in it."""
        return _Asking(value, self, site) if _is_model(value) else value

    def note(self, model, method, arguments, options, result, site=()):
        """A fault of ours may not end the author's run."""
        try:
            with Kept():
                self.site = list(site)
                self._note(model, method, arguments, options, result)
        except Exception as fault:
            self.calls.append({"statement": self.at, "model": model, "why": f"{type(fault).__name__}: {str(fault)[:200]}"})

    def _note(self, model, method, arguments, options, result):
        if _is_training(model):
            self.loaders and self.loaders.train()
            return
        if self.count > _MOST_ROWS:
            return
        data = arguments[0] if arguments else options.get("x", options.get("X"))
        truth = arguments[1] if len(arguments) > 1 and method in ("evaluate", "score", "test_on_batch") else options.get("y")
        if data is None or _is_symbolic(data):
            return
        is_array = hasattr(data, "shape") or isinstance(data, list)
        if method == "fit":
            if is_array:  # a generator of batches has no end
                self._learn(model, data, arguments[1] if len(arguments) > 1 else options.get("y"))
            return
        if is_torch(model):
            self._asked_torch(model, arguments, data, result)
            return
        if not is_array:
            self.sets.append((self.at, model, data))
            return
        is_answer = method in ("", "predict", "predict_on_batch", "forward")
        self._rows(model, data, result if is_answer else _answers(model, data), truth)

    def _learn(self, model, data, truth):
        """What each row was said to be when the model was fitted: it tells what the classes are called."""
        rows, truth = as_array(data), as_array(truth)
        if rows is None or truth is None or rows.shape[:1] != truth.shape[:1] or len(rows) > _MOST_LEARNED:
            return
        truth = truth.argmax(axis=1) if truth.ndim == 2 and truth.shape[1] > 1 else truth.reshape(len(truth), -1)[:, 0]
        self.learned.append((model, dict(zip(digests(rows), truth.tolist()))))

    def _batches(self, at, model, data):
        """A data set is gone through once more, in batches as it gives them."""
        self.at = at
        for batch in _in_turn(data):
            x = batch[0] if isinstance(batch, (tuple, list)) else batch
            self._rows(model, x, _answers(model, x), batch[1] if isinstance(batch, (tuple, list)) and len(batch) > 1 else None)

    def _asked_torch(self, model, arguments, data, result):
        """Batch by batch. What the network said before it was trained further is not its answer: it is asked again at the end."""
        version = version_of(model)
        stale = [call for call in self.calls if call["model"] is model and call["statement"] == self.at and call.get("version", version) != version]
        if stale:
            self.calls = [call for call in self.calls if not any(call is each for each in stale)]
            self.count -= sum(len(call["digests"]) for call in stale)
            self.kept -= sum(call["rows"].nbytes for call in stale if call["rows"] is not None)
        before = len(self.calls)
        self._rows(model, data, _upright(as_array(result)), self.loaders.truth(len(data)) if self.loaders else None)
        for call in self.calls[before:]:
            source = self.loaders.batch_of(len(data)) if self.loaders else None
            call.update(version=version, site=self.site, is_training=bool(model.training), given=len(arguments), source=source)

    def _rows(self, model, data, answers, truth):
        import numpy

        rows, answers = as_array(data), as_array(answers)
        if rows is None or answers is None or not rows.ndim or len(answers) != len(rows):
            return
        truth = as_array(truth)
        self.count += len(rows)
        self.kept += rows.nbytes
        self.calls.append({
            "statement": self.at, "model": model, "digests": digests(rows), "answers": numpy.array(answers),
            "truths": numpy.array(truth) if truth is not None and truth.shape[:1] == rows.shape[:1] else None,
            "rows": numpy.array(rows) if self.kept <= _MOST_BYTES else None, "chances": _chances(model, data),
        })

    def about(self, model):
        """The calls of the place that asked this model about most rows; of several the last. None where it was asked nothing."""
        by_place = {}
        for call in self.calls:
            if call["model"] is model and call.get("digests"):
                by_place.setdefault((call["statement"], *call.get("site", ())), []).append(call)
        if not by_place:
            return None
        return by_place[max(by_place, key=lambda place: (self._worth(by_place[place]), place[0]))]

    def _worth(self, calls):
        """Images that stay as they are before those that are changed at random, unknown ones before those that it was trained with, then how many."""
        is_better = self.loaders.worth(calls[0]["source"]) if self.loaders and calls[0].get("source") else (True, True)
        return (*is_better, len({digest for call in calls for digest in call["digests"]}))

    def write(self, folder, model):
        """`asked.json` and arrays beside it; gives what they hold."""
        import numpy

        for at, of, data in self.sets:
            if of is model:
                self._batches(at, of, data)
        calls = self.about(model)
        if not calls:
            return {"asked": 0}
        again(model, calls)
        at = calls[0]["statement"]
        arrays = {"answers": _together([call["answers"] for call in calls]), "truths": _together([call["truths"] for call in calls]),
                  "rows": _together([call["rows"] for call in calls]), "chances": _together([call["chances"] for call in calls])}
        for name, array in arrays.items():
            if array is not None:
                numpy.save(os.path.join(folder, f"asked_{name}.npy"), array if array.dtype != object else array.astype(str))
        found = [digest for call in calls for digest in call["digests"]]
        with open(os.path.join(folder, "asked.json"), "w", encoding="utf-8") as file:
            json.dump(found, file)
        with open(os.path.join(folder, "learned.json"), "w", encoding="utf-8") as file:
            json.dump({digest: truth for of, truths in self.learned if of is model for digest, truth in truths.items()}, file, default=str)
        is_set = any(of is model and place == at for place, of, _ in self.sets)
        return {"asked": len(found), "at": at, "is_set": is_set, "answered": list(arrays["answers"].shape), "dtype": str(arrays["answers"].dtype),
                "has_truth": arrays["truths"] is not None, "is_network": hasattr(model, "get_weights") or hasattr(model, "parameters"),
                **about_outputs(model, arrays["answers"])}


class _Asking:
    """Stands in for a model where it is called, and nowhere else."""

    def __init__(self, model, asked, site=()):
        self.__dict__.update(_model=model, _asked=asked, _site=site)

    def __getattr__(self, name):
        value = getattr(self._model, name)
        if name not in METHODS or not callable(value):
            return value

        def called(*arguments, **options):
            result = value(*arguments, **options)
            self._asked.note(self._model, name, arguments, options, result, self._site)
            return result

        return called

    def __call__(self, *arguments, **options):
        result = self._model(*arguments, **options)
        self._asked.note(self._model, "", arguments, options, result, self._site)
        return result


def _is_model(value):
    kind = type(value)
    if isinstance(value, type) or not hasattr(kind, "__module__"):
        return False
    is_network = (hasattr(kind, "get_weights") and hasattr(kind, "compile")) or (hasattr(kind, "parameters") and hasattr(kind, "state_dict"))
    return is_network or (hasattr(kind, "get_params") and callable(getattr(kind, "fit", None)))


def is_torch(model):
    return hasattr(model, "state_dict") and hasattr(model, "parameters")


def _is_training(model):
    """Many ask a network without telling it that it is trained no more, but without gradients."""
    import sys

    return is_torch(model) and bool(getattr(model, "training", False)) and sys.modules["torch"].is_grad_enabled()


def version_of(model):
    """How often the weights of a network of torch were changed."""
    try:
        return sum(each._version for each in [*model.parameters(), *model.buffers()])
    except Exception:
        return -1


def again(model, calls):
    """The network's answers as it is in the end, where it was trained further or got other weights since it was asked."""
    if not is_torch(model) or all(call.get("version") == version_of(model) for call in calls):
        return
    import torch

    was_training = model.training
    for call in calls:
        if call["rows"] is None:
            continue
        model.train(call["is_training"])
        with torch.no_grad():
            call["answers"] = _upright(as_array(model(torch.from_numpy(call["rows"]))))
    model.train(was_training)


def _upright(answers):
    """One number for each row as a column, so that there is one form of it."""
    return answers.reshape(len(answers), 1) if answers is not None and answers.ndim == 1 else answers


def _is_symbolic(data):
    return type(data).__name__ in ("KerasTensor", "SymbolicTensor") or (hasattr(data, "graph") and type(data).__module__.startswith("tensorflow"))


def _in_turn(data):
    """A sequence of keras ends where its length says so; a data set of TensorFlow ends by itself."""
    if hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        return (data[number] for number in range(len(data)))
    return iter(data)


def _answers(model, data):
    if hasattr(model, "predict_on_batch"):
        return model.predict_on_batch(data)
    return model.predict(data) if hasattr(model, "predict") else model(data)


def _chances(model, data):
    """What an estimator gives for each class; a network's numbers are its answers."""
    return as_array(model.predict_proba(data)) if hasattr(type(model), "get_params") and _has(model, "predict_proba") else None


def as_array(value):
    """None for what is no array of rows."""
    import numpy

    if value is None:
        return None
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    if hasattr(value, "numpy"):
        value = value.numpy()
    if hasattr(value, "toarray"):
        value = value.toarray()
    try:
        array = numpy.asarray(value)
    except Exception:
        return None
    return array if array.ndim else None


def digests(rows):
    """One for each row: its bytes, type and shape."""
    import numpy

    head = f"{rows.dtype}{rows.shape[1:]}".encode()
    return [hashlib.blake2b(head + numpy.ascontiguousarray(row).tobytes(), digest_size=16).hexdigest() for row in rows]


def _together(arrays):
    import numpy

    if not arrays or any(array is None for array in arrays) or len({array.shape[1:] for array in arrays}) > 1:
        return None
    return numpy.concatenate(arrays)


def about_outputs(model, answers):
    """Whether numbers of a network are those before the last function (logits), and whether it was trained on classes."""
    loss = getattr(model, "loss", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", "") or type(loss).__name__
    name = name.lower() if isinstance(name, str) else ""
    return {"is_logits": bool(getattr(loss, "from_logits", False) or _from_logits(loss)), "is_of_classes": "entropy" in name or "hinge" in name,
            "loss": name, "classes": _plain(getattr(model, "classes_", None)) if answers.ndim == 1 else None,
            "is_distribution": _is_distribution(answers)}


def _is_distribution(answers):
    """Whether the numbers of each row are probabilities."""
    if answers.ndim != 2 or answers.shape[1] < 2 or answers.dtype.kind != "f":
        return False
    return bool((answers >= 0).all() and (abs(answers.sum(axis=1) - 1) < 1e-3).all())


def _from_logits(loss):
    """keras keeps the arguments of its losses beside the function."""
    return bool((getattr(loss, "_fn_kwargs", None) or {}).get("from_logits"))


def _plain(values):
    return values.tolist() if hasattr(values, "tolist") else None


def _has(model, name):
    try:
        return callable(getattr(model, name, None))
    except Exception:
        return False


def elements(value):
    """The place of each image by its identity, and of images that stand beside their labels. Numbers and the like have none of their own."""
    found = {}
    for place, item in enumerate(value if type(value) is list else ()):
        for part in item if isinstance(item, (list, tuple)) else (item,):
            if hasattr(part, "shape") or hasattr(part, "getbands") or part is item:
                found[id(part)] = place
        found[id(item)] = place
    return found
