"""Turn a watched call, with the real function and arguments at hand, into the record of what it was."""

import collections
import os
import sys

from . import models, numbers, rows
from .classify import classify, is_own, public_name, qualified, word_of

_LIMIT = 10
_ESTIMATOR_KINDS = frozenset({"fit", "transform", "predict", "score"})
# Scores of something else than a truth beside a prediction.
_NOT_PAIRS = frozenset(
    "auc silhouette_score silhouette_samples calinski_harabasz_score davies_bouldin_score permutation_importance".split()
)


class Calls:
    """Builds Call records; remembers the rows that each model was fitted on."""

    def __init__(self, space, tokens, predictions, files, randomness):
        self._space, self._tokens, self._predictions, self._files, self._randomness = (
            space,
            tokens,
            predictions,
            files,
            randomness,
        )
        self._fitted, self._predicted = {}, collections.deque(maxlen=1000)

    def record(self, site, function, arguments, options, result, seconds):
        """The Call record, with the score as `number` beside it, or (None, None)."""
        found = classify(site.kind, function, self._space)
        if found is None:
            return None, None
        kind, receiver, model = found
        number = self._score(function, result) if kind == "score" else None
        if kind == "score" and is_own(function, self._space) and number is None:
            return None, None
        call = self._base(site, kind, function, receiver, arguments, options, result, model)
        if kind == "fit" and receiver is None and models.kind_of(result):  # `xgb.train(…)` gives the model
            call["model"], call["receiver_type"] = models.kind_of(result), public_name(type(result))
        if kind == "split":
            call["rows"] = rows.count(_first(arguments, options))
        if kind in _ESTIMATOR_KINDS:
            self._rows(call, kind, receiver, arguments, options, result)
        if kind == "predict":
            self._predicted.append(call["result"])
        if kind == "score":
            call["predictions"] = self._keep(function, receiver, arguments, options, seconds)
        if kind in ("load", "save"):
            self._paths(kind, arguments, options)
        return call, number

    def number(self, site, function, result):
        """The score alone, as `record` gives it; None when the call is none."""
        found = classify(site.kind, function, self._space)
        return self._score(function, result) if found is not None and found[0] == "score" else None

    def _score(self, function, result):
        if is_own(function, self._space) and numbers.scalar(result) is None:
            return None  # the author's own function of that name, which gives no number
        return numbers.score(result)

    def _base(self, site, kind, function, receiver, arguments, options, result, model):
        named = list(enumerate(arguments[:_LIMIT])) + list(options.items())[:_LIMIT]
        return {
            "kind": kind,
            "function": qualified(function, receiver),
            "site": site.span,
            "receiver": self._tokens.of(receiver) if receiver is not None else "",
            "receiver_type": public_name(type(receiver)) if receiver is not None else "",
            "receiver_name": site.receiver if receiver is not None else "",
            "arguments": {str(name): self._tokens.of(value) for name, value in named},
            "argument_names": site.names,
            "result": self._tokens.of(result),
            "rows": None,
            "seen": None,
            "model": model,
            "predictions": "",
        }

    def _rows(self, call, kind, receiver, arguments, options, result):
        data = _first(arguments, options)
        call["rows"] = rows.count(data)
        key = call["receiver"] or call["result"]
        found = rows.digests(data) if receiver is not None else None
        if found is None:
            return
        if kind == "fit":
            self._fitted[key] = found
        elif key in self._fitted:
            call["seen"] = rows.share(found, self._fitted[key])

    def _keep(self, function, receiver, arguments, options, seconds):
        """Save truth and prediction of a score."""
        if receiver is None:
            if word_of(function) in _NOT_PAIRS:
                return ""
            truth, prediction = _pair(arguments, options)
            if self._tokens.of(truth) in self._predicted and self._tokens.of(prediction) not in self._predicted:
                truth, prediction = prediction, truth  # the author wrote them the other way round
            return self._predictions.save(truth, prediction) if truth is not None and prediction is not None else ""
        data, truth = (
            _first(arguments, options),
            arguments[1] if len(arguments) > 1 else options.get("y", options.get("y_true")),
        )
        if truth is None or data is None or not hasattr(receiver, "predict"):
            return ""
        return self._predictions.save(truth, self._predict(receiver, data, seconds))

    def _predict(self, receiver, data, seconds):
        from .predictions import predict_again
        from .randomness import Kept

        try:
            with Kept():
                if hasattr(receiver, "get_weights") and hasattr(receiver, "compile"):
                    return receiver.predict(data, verbose=0) if seconds < 5 else None
                return predict_again(receiver, data, seconds)
        except Exception:
            return None

    def _paths(self, kind, arguments, options):
        """Files that libraries open without Python knowing."""
        for value in list(arguments[:3]) + list(options.values()):
            if isinstance(value, (str, os.PathLike)) and len(str(value)) < 1000 and os.path.isfile(str(value)):
                self._files.note(value, self._files.read if kind == "load" else self._files.written)

    def training_step(self, site, function, frames):
        """A step of an optimizer: a fit of the networks that hold its parameters. Gives Call records."""
        optimizer = getattr(function, "__self__", None)
        held = _parameters(optimizer)
        if not held:
            return []
        found = {}
        for space in frames:
            for name, value in list(space.items()):
                for inner, part in [(name, value)] + [
                    (f"{name}.{key}", item)
                    for key, item in list(getattr(value, "__dict__", {}).items())[:50]
                    if not isinstance(value, type(sys))
                ]:
                    if models.is_torch_module(part) and any(id(parameter) in held for parameter in part.parameters()):
                        found.setdefault(id(part), (inner, part))
        outer = [
            pair
            for pair in found.values()
            if not any(
                pair[1] is not other and any(pair[1] is child for child in other.modules())
                for _, other in found.values()
            )
        ]
        return [self._step(site, function, optimizer, name, part) for name, part in outer]

    def _step(self, site, function, optimizer, name, part):
        call = self._base(site, "fit", function, part, (), {}, None, "network")
        call.update(
            function=qualified(function, optimizer),
            receiver_name=name,
            result="",
            arguments={"optimizer": self._tokens.of(optimizer)},
            argument_names={"optimizer": site.receiver},
        )
        return call

    def forward(self, site, module, arguments, result):
        """A torch module applied outside training: a prediction."""
        torch = sys.modules["torch"]
        if torch.is_grad_enabled() and module.training or type(module).__module__.startswith("torch.nn.modules.loss"):
            return None
        call = self._base(site, "predict", module.forward, module, arguments, {}, result, "network")
        call["receiver_name"] = site.receiver
        call["rows"] = rows.count(arguments[0]) if arguments else None
        return call


def _parameters(optimizer):
    groups = getattr(optimizer, "param_groups", None)
    if not isinstance(groups, list):
        return set()
    return {id(parameter) for group in groups for parameter in group.get("params", ())}


def _first(arguments, options):
    if arguments:
        return arguments[0]
    for name in ("X", "x", "data", "dtrain", "X_train"):
        if name in options:
            return options[name]
    return None


def _pair(arguments, options):
    """(truth, prediction) of a metric's call."""
    truth = arguments[0] if arguments else options.get("y_true", options.get("labels_true"))
    for name in ("y_pred", "y_score", "y_proba", "y_prob", "probas_pred", "y_pred_proba", "labels_pred"):
        if name in options:
            return truth, options[name]
    return truth, arguments[1] if len(arguments) > 1 else None
