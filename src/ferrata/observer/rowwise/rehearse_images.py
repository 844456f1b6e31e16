"""Try a prediction function on the files of images: which file each row was that the model was asked about, what the classes are called, which formats work."""

import io
import json
import os
import sys
import tempfile
import types

from .class_names import class_names
from .image_files import Matching, image_files

_FORMATS = ("jpeg", "png", "gif", "bmp", "webp", "tiff")


def rehearse_images(job):
    """`job`: `text` of predict.py, `path` where it will stand, `folder` of the project, `kept` (what was found when the notebook ran), `data` (where
    images are), `model` (its name in the state)."""
    import numpy

    module = _module(job)
    state = module.load(job["folder"])
    wanted, learned = _json(job, "asked"), _json(job, "learned")
    truths = _array(job, "truths")
    truths = _classes(numpy.load(job["truth"])["truth"] if truths is None and job["truth"] else truths)
    paths = image_files(job["folder"], job["data"])
    matching = Matching(module.answers, state, job["model"], job["folder"], wanted, _array(job, "rows"))
    files = matching.files(paths, all_of_them=truths is None and bool(learned))
    missing = [number for number, path in enumerate(files) if path is None]
    if missing:
        return {"why": _why(matching, missing, wanted, paths)}
    if truths is None:
        known = {matching.by_digest[digest]: truth for digest, truth in learned.items() if digest in matching.by_digest}
        named, truths = [*known], [*known.values()]
    else:
        named = files
    labels = class_names(job["folder"], job["data"], named, truths, paths, job.get("classes"))
    return {"files": files, "labels": labels, "image": _about(job["folder"], files), "formats": _formats(module, state, job, files[0])}


def _module(job):
    module = types.ModuleType("predict_rehearsed")
    module.__file__ = job["path"]
    sys.modules[module.__name__] = module
    exec(compile(job["text"], job["path"], "exec"), module.__dict__)
    return module


def _json(job, name):
    with open(os.path.join(job["kept"], f"{name}.json"), encoding="utf-8") as file:
        return json.load(file)


def _array(job, name):
    import numpy

    path = os.path.join(job["kept"], f"asked_{name}.npy")
    return numpy.load(path) if os.path.exists(path) else None


def _why(matching, missing, wanted, paths):
    if matching.fault is not None and not matching.by_digest:
        return f"the function does not run on the images: {type(matching.fault).__name__}: {str(matching.fault)[:300]}"
    if not paths:
        return "the data of the project holds no file that begins as an image does"
    given = f"{matching.rows.dtype} of shape {matching.rows.shape[1:]}" if matching.rows is not None else "what it was"
    made = f"; the function makes {matching.shape} of a file, the model was given {given}" if len(missing) == len(wanted) else ""
    return f"{len(missing)} of {len(wanted)} images that the model was asked about are not what the function makes of any of {matching.tried} files{made}"


def _classes(truths):
    """Numbers of classes from columns of 0 and 1."""
    if truths is None:
        return None
    if truths.ndim == 2 and truths.shape[1] > 1:
        return truths.argmax(axis=1)
    return truths.reshape(len(truths), -1)[:, 0]


def _about(folder, files):
    """Width, height and channels of the first image, where Pillow can tell."""
    try:
        from PIL import Image

        with Image.open(os.path.join(folder, files[0])) as opened:
            return {"width": opened.size[0], "height": opened.size[1], "channels": len(opened.getbands())}
    except Exception:
        return None


def _formats(module, state, job, path):
    """Formats of files in which an image of the notebook's is answered; those of the data where Pillow is not there to make others."""
    try:
        from PIL import Image
    except ImportError:
        return []
    found = []
    with tempfile.TemporaryDirectory() as folder:
        with Image.open(os.path.join(job["folder"], path)) as opened:
            image = opened.convert("RGB")
        for name in _FORMATS:
            content = io.BytesIO()
            try:
                image.save(content, name.upper())
                module.predict([content.getvalue()], state)
                found.append(name)
            except Exception:  # the author's decoder does not know it
                continue
        assert folder
    return found
