"""How likely each class is, where the model is a network: it has no `predict_proba`, its numbers are what it was trained to make of the classes."""

from .asked import about_outputs


def of_network(model, outputs, answers):
    """([n, classes], width): from the network's own numbers, `width` for each row, where the notebook's answers go by them; else (None, 0).

    One number is how likely the second class is, as binary cross-entropy takes it. Numbers before the last function (logits) are left alone.
    """
    if not callable(getattr(model, "predict_on_batch", None)) or outputs is None or answers is None or outputs.ndim != 2:
        return None, 0
    told = about_outputs(model, outputs)
    if not told["is_of_classes"] or told["is_logits"] or len(answers) != len(outputs) or answers.size != len(answers):
        return None, 0
    chances = _for_each_class(outputs, told)
    return (chances, outputs.shape[1]) if chances is not None and _go_by(answers.reshape(-1), chances) else (None, 0)


def _for_each_class(outputs, told):
    import numpy

    if outputs.shape[1] > 1:
        return outputs if told["is_distribution"] else None
    return numpy.column_stack([1 - outputs[:, 0], outputs[:, 0]]) if ((outputs >= 0) & (outputs <= 1)).all() else None


def _go_by(answers, chances):
    """Whether an answer is the class that is most likely or, of two, is above a threshold of the author's; of words it is not yet known which they are."""
    if answers.dtype.kind not in "biuf":
        return True
    yes, no = chances[answers == 1, 1], chances[answers == 0, 1]
    if chances.shape[1] == 2 and len(yes) and len(no):
        return bool(len(yes) + len(no) == len(answers) and yes.min() >= no.max())
    return bool((answers == chances.argmax(axis=1)).all())
