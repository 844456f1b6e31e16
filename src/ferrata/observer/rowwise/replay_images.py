"""Replay the images that the notebook's model was asked about through a project's `predict.py`: in batches and one by one, against its own answers."""

import io
import json
import os
import time

from .replay import import_predict, plain_json
from .tally import BOUND, NETWORK_BOUND, Tally

_AT_ONCE = 64
_MOST_KEPT = 1000


def replay_images(job):
    """`job`: `predict` (the file), `folder` of the project, `kept` (what was found when the notebook ran), `files` (the image of each row), `told` (about the
    model's answers), `seconds` for the images one by one."""
    module = import_predict(job["predict"])
    state = module.load(job["folder"])
    paths = [os.path.join(job["folder"], path) for path in job["files"]]
    raw, chances = expected(job["kept"], job["told"])
    answers = [module._plain(module.label(value)) for value in raw]
    in_24_bits = job["told"]["is_network"] or any(str(getattr(each, "dtype", "")) == "float32" for each in (raw, chances))
    tally = Tally(answers, chances, NETWORK_BOUND if in_24_bits else BOUND)
    for start in range(0, len(paths), _AT_ONCE):
        for number, answer in enumerate(module.predict(paths[start : start + _AT_ONCE], state), start):
            tally.add(number, answer, "batch")
    started, single = time.time(), 0
    for number, path in enumerate(paths):
        if time.time() - started > job["seconds"]:
            break
        with open(path, "rb") as file:
            tally.add(number, module.predict([io.BytesIO(file.read())], state)[0], "alone")
        single += 1
    found = tally.found(len(paths), single)
    if tally.wrong:
        return found
    example = {"input": {"file": job["files"][0]}, "output": module.predict(paths[:1], state)[0]}
    return dict(found, kept=_kept(module, job["files"], answers, chances), example=example)


def expected(kept, told):
    """The notebook's own answer for each row, and its probabilities (None where it gives none)."""
    import numpy

    raw = numpy.load(os.path.join(kept, "asked_answers.npy"))
    chances = os.path.join(kept, "asked_chances.npy")
    if not told["is_network"]:
        own = os.path.join(kept, "answer.npy")
        answers = numpy.load(own) if os.path.exists(own) else raw
        return _flat(answers), numpy.load(chances) if os.path.exists(chances) else None
    own = numpy.load(os.path.join(kept, "answer.npy")) if len(told.get("own") or ()) == 1 else None
    return own if own is not None else decided(raw, told), chances_of(raw, told)


def _flat(answers):
    return answers.reshape(len(answers), -1)[:, 0] if answers.ndim > 1 and answers.size == len(answers) else answers


def decided(outputs, told):
    """The class, as accuracy of a network counts it; the number itself where it was trained on numbers."""
    width = outputs.shape[1] if outputs.ndim == 2 else 0
    if width > 1:
        return outputs.argmax(axis=1) if told["is_of_classes"] or told["is_distribution"] else outputs
    outputs = _flat(outputs)
    return (outputs > (0 if told["is_logits"] else 0.5)).astype(int) if told["is_of_classes"] else outputs


def chances_of(outputs, told):
    import numpy

    width = outputs.shape[1] if outputs.ndim == 2 else 0
    if width > 1 and told["is_logits"]:
        powers = numpy.exp(outputs - outputs.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)
    if width > 1:
        return outputs if told["is_distribution"] else None
    if width == 1 and told["is_of_classes"]:
        one = outputs[:, 0]
        one = 1 / (1 + numpy.exp(-one)) if told["is_logits"] else one
        return numpy.column_stack([1 - one, one])
    return None


def _kept(module, files, answers, chances):
    """The images with the notebook's own answers as lines of JSON; of many, every so many-th."""
    count = min(len(files), _MOST_KEPT)
    names = [str(module._plain(name)) for name in module.CLASSES]
    lines = []
    for number in (place * len(files) // count for place in range(count)):
        output = {"prediction": plain_json(answers[number])}
        if chances is not None and names:
            output["probabilities"] = {name: plain_json(value) for name, value in zip(names, chances[number].tolist())}
        lines.append(json.dumps({"input": {"file": files[number]}, "output": output}, ensure_ascii=False))
    return {"lines": lines, "unwritable": 0}
