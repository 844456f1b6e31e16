"""keras 3: learning-rate decay, names of metrics in the history, names of model files, shapes of one number.

`SGD(decay=d)` divided the rate by 1 + d · step: `InverseTimeDecay` is that formula. `metrics=["accuracy"]` is filed under "accuracy" since TensorFlow 2.0
where it was "acc". Models are saved to names that end in `.keras` (weights: `.weights.h5`).
A shape is a tuple; a bare number was once taken for one.

    SGD(learning_rate=0.1, decay=1e-6)      SGD(learning_rate=InverseTimeDecay(0.1, decay_steps=1, decay_rate=1e-6))
    history.history["val_acc"]              history.history["val_accuracy"]
    Dense(8, input_shape=(4))               Dense(8, input_shape=(4,))
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere, on_failure
from ferrata.steps.repairs.text import Text

_OPTIMIZERS = ("Adam", "SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam")
_DEFAULT_RATES = {"SGD": "0.01"}
_OTHER_NAME = {"acc": "accuracy", "val_acc": "val_accuracy", "accuracy": "acc", "val_accuracy": "val_acc"}
_PATH = r"(?:Invalid filepath extension for saving|filepath provided must end in).*?filepath=(?P<path>[^\s'\"]+?)\.?(?:\s|$)"


def _decay(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        decay, rate = text.argument(call, "decay"), text.argument(call, "learning_rate") or text.argument(call, "lr")
        if (
            decay is None
            or not context.is_function(call.func, "keras", *_OPTIMIZERS)
            or (isinstance(decay.value, ast.Constant) and not decay.value.value)
        ):
            continue
        name = context.dotted(call.func).rpartition(".")[2]
        value = text.of(rate.value) if rate else _DEFAULT_RATES.get(name, "0.001")
        schedule = f"learning_rate=InverseTimeDecay({value}, decay_steps=1, decay_rate={text.of(decay.value)})"
        why = f"{name}(decay=) was removed in keras 3; InverseTimeDecay is its formula"
        if rate:
            yield Change(rate.start, rate.end, schedule, why)
            yield from text.dropped(call, {"decay"}, why)
        else:
            yield Change(decay.start, decay.end, schedule, why)
        if "InverseTimeDecay" not in context.names and text.statement.column == 0:
            door = "tensorflow." if context.path(call.func).startswith("tensorflow") else ""
            yield Change(0, 0, f"from {door}keras.optimizers.schedules import InverseTimeDecay\n", why)


def _history(text: Text, context: Context) -> Iterator[Change]:
    found = re.search(r"KeyError: '?(\w+)'?", context.message)
    if not found or found[1] not in _OTHER_NAME:
        return
    short = "acc" in (found[1], found[1].removeprefix("val_"))
    pairs = {old: new for old, new in _OTHER_NAME.items() if (old.removeprefix("val_") == "acc") == short}
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value in pairs:
            quote = text.of(node.slice)[0]
            yield text.replaced(
                node.slice, f"{quote}{pairs[node.slice.value]}{quote}", f'keras files this metric under "{pairs[node.slice.value]}" today'
            )


def _files(text: Text, context: Context) -> Iterator[Change]:
    found = re.search(_PATH, context.message, re.DOTALL)
    if not found:
        return
    old = found["path"].rstrip(".")
    stem = re.sub(r"\.(h5|hdf5|hdf|pb|tf|model|weights|ckpt|best\.hdf5)$", "", old)
    new = f"{stem}.weights.h5" if "weights.h5" in context.message else f"{stem}.keras"
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Constant) and node.value == old:
            quote = text.of(node)[0]
            yield text.replaced(node, f"{quote}{new}{quote}", f"keras 3 saves to names that end in {'.weights.h5' if 'weights' in new else '.keras'}")


def _shapes(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        for name in ("input_shape", "shape"):
            argument = text.argument(call, name)
            if argument is not None and isinstance(argument.value, (ast.Constant, ast.Subscript, ast.Name, ast.Call)):
                start, end = text.span(argument.value)
                is_bracketed = text.source[:start].rstrip().endswith("(") and text.source[end:].lstrip().startswith(")")
                why = f"{name}= takes a tuple in keras 3"
                if not is_bracketed:
                    yield Change(start, start, "(", why)
                yield Change(end, end, "," if is_bracketed else ",)", why)


DECAY = anywhere("keras-decay", _decay, __doc__, package="keras", since="3.0")
HISTORY = on_failure(
    "keras-history-name", _history, __doc__, message=r"KeyError: '?(val_)?acc(uracy)?'?", package="keras", since="2.3", everywhere=True
)
FILES = on_failure("keras-file-name", _files, __doc__, message=_PATH, package="keras", since="3.0", everywhere=True)
SHAPES = on_failure(
    "keras-shape-of-one-number", _shapes, __doc__, message=r"Cannot convert '\d+' to a shape", package="keras", since="3.0", everywhere=True
)
