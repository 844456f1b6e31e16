"""`predict_classes` of keras, removed in TensorFlow 2.6; its release notes give both replacements.

Which one depends on the model's last layer: softmax takes the largest, sigmoid the threshold. A notebook with both, or neither, is left alone.

    model.predict_classes(X)        model.predict(X).argmax(axis=-1)
    model.predict_classes(X)        (model.predict(X) > 0.5).astype("int32")
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text

_WHY = "predict_classes was removed in TensorFlow 2.6"


def _find(text: Text, context: Context) -> Iterator[Change]:
    source = "\n".join(one.source for one in context.texts)
    softmax, sigmoid = ("softmax" in source), ("sigmoid" in source)
    for call in text.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "predict_classes" and softmax != sigmoid:
            start, end = text.span(call)
            yield Change(*text.attribute_span(call.func), "predict", _WHY)
            if softmax:
                yield Change(end, end, ".argmax(axis=-1)", _WHY)
            else:
                yield Change(start, start, "(", _WHY)
                yield Change(end, end, ' > 0.5).astype("int32")', _WHY)


RULE = anywhere("keras-predict-classes", _find, __doc__, package="keras", since="2.6")
