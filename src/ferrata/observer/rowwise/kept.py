"""The notebook's answers and truths as arrays that hold no pickles."""

import os


def array_of(value):
    """Objects as text; a tensor without its gradient."""
    import numpy

    array = numpy.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    return array if array.dtype != object else array.astype(str)


def keep_truth(text, space, rows, folder):
    """What the author compares the answers with, in the author's words ("" for nothing), where the observation has not kept it."""
    import numpy

    try:
        truth = array_of(eval(text, space) if text else 0)
    except Exception:  # the answers are known without it
        return
    if truth.ndim and len(truth) == rows:
        numpy.savez(os.path.join(folder, "truth.npz"), truth=truth)
