"""The text of a `predict.py` that is asked about files of images: the author's statements, and nothing of ours to import."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ferrata.dataflow.definitions import definition_names
from ferrata.records.current import CurrentCode
from ferrata.records.derivation import Derivation
from ferrata.source.imports import without_modules, write_imports
from ferrata.steps.deriving.images.readings import ASKED
from ferrata.steps.deriving.labels import class_labels, python_text, write_label
from ferrata.steps.deriving.module import Shape, loaded_names, stars, write_answers, write_definitions, write_state

_OPENING = '''class Rejected(ValueError):
    """An image that cannot be answered: its number, the field that stands in the way, and why."""

    def __init__(self, index, field, message):
        super().__init__(f"image {index}: {message}")
        self.index, self.field, self.message = index, field, message

'''

_ASKED_OF = '''def predict(images, state):
    """Answer each image, in order: `prediction` and, where the model gives them, `probabilities`. Raises Rejected.

    An image is a path, or a file's content: bytes or an open binary file. It is opened by the notebook's own code.
    """
'''
_BY_PATH = _ASKED_OF + '''    with tempfile.TemporaryDirectory() as folder:
        return _each([_path(image, os.path.join(folder, str(number))) for number, image in enumerate(images)], state)


def _path(image, place):
    """Where the image is: the content of a file is written to `place`, with the ending of its format."""
    if isinstance(image, (str, os.PathLike)):
        return os.fspath(image)
    if hasattr(image, "seek"):
        image.seek(0)
    content = image.read() if hasattr(image, "read") else bytes(image)
    path = place + next((ending for start, ending in ENDINGS.items() if content.startswith(start)), "")
    Path(path).write_bytes(content)
    return path


'''
_BY_CONTENT = _ASKED_OF.replace("by the notebook's own code", "as in the notebook") + '''    return _each([_file(image) for image in images], state)


def _file(image):
    """The path of an image, or the content of its file."""
    if isinstance(image, (str, os.PathLike)):
        return os.fspath(image)
    if hasattr(image, "seek"):
        image.seek(0)
    return image.read() if hasattr(image, "read") else bytes(image)


'''
_CLOSING = '''def _each(files, state):
    """All at once; where that fails, the one image that is at fault is found."""
    try:
        return _answered(files, state)
    except Exception:
        for number, file in enumerate(files):
            try:
                _answered([file], state)
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
                message = message.replace(file, "the image") if isinstance(file, str) else message
                raise Rejected(number, "image", message[:300]) from error
        raise


def _answered(files, state):
    if not files:
        return []
    predictions, probabilities = answers(files, state)
    found = [{"prediction": _plain(label(value))} for value in predictions]
    if len(found) != len(files):
        raise ValueError("the notebook's code leaves such an image out")
    classes = [str(_plain(name)) for name in CLASSES]
    for answer, values in zip(found, probabilities):
        answer["probabilities"] = {name: float(value) for name, value in zip(classes, values)}
    return found


def _plain(value):
    """A plain Python value for NumPy's own."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return value[0] if isinstance(value, list) and len(value) == 1 else value
'''
_ENDINGS = (
    'ENDINGS = {b"\\xff\\xd8": ".jpg", b"\\x89PNG": ".png", b"GIF8": ".gif", b"BM": ".bmp", b"RIFF": ".webp", b"II*\\0": ".tif", b"MM\\0*": ".tif"}'
)


def write_image_module(code: CurrentCode, derivation: Derivation, shape: Shape) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text, and for each unit the lines where it stands."""
    body, places = write_answers(code, derivation, shape.rehearsal, f"def answers({ASKED}, state):")
    own = f"{derivation.helper}\n\n" if derivation.helper else ""
    labels = [python_text(each) for each in class_labels(derivation, shape.rehearsal)]
    endings = "" if derivation.is_by_content else f"{_ENDINGS}\n"
    constants = f"ROOT = Path(__file__).resolve().parents[2]\nCLASSES = [{', '.join(labels)}]\n{endings}\n\n"
    top = constants + _OPENING + "\n" + write_state(derivation, body) + "\n\n" + write_definitions(code, derivation, shape) + own
    closing = write_label(shape.rehearsal) + "\n\n" + (_BY_CONTENT if derivation.is_by_content else _BY_PATH) + _CLOSING
    before = f"{_head(code, derivation, shape, body, top + closing)}\n\n{top}"
    line = before.count("\n")
    text = before + body + "\n\n" + closing
    return text.replace(ASKED, _name_for(loaded_names(before + body))), tuple((a + line, b + line) if a else (0, 0) for a, b in places)


def _name_for(used: Collection[str]) -> str:
    """What the paths are called: a name that the author has no use for."""
    return next(name for name in ("images", "image_files", "files_of_images", "images_that_are_asked_about") if name not in used)


def _head(code: CurrentCode, derivation: Derivation, shape: Shape, body: str, rest: str) -> str:
    cells = sorted({code.cell(unit.statement) for unit in derivation.units if unit.statement >= 0})
    used = loaded_names(body) | loaded_names(rest)
    others, beside = without_modules(derivation.imports, shape.local)
    lines = [*others, "import os", "import sys", "import tempfile", "import numpy as np", "import pandas as pd", "from pathlib import Path"]
    lines += ["from dataclasses import dataclass", "from typing import Any"]
    shared = sorted({name for i in derivation.definitions for name in definition_names(code.sources[i])} & set(shape.functions))
    own = [f"from {shape.artifacts} import load as load_file"] + ([f"from {shape.functions_module} import {', '.join(shared)}"] if shared else [])
    imports = write_imports(lines, {*used, "sys"}, (), stars(derivation.imports))
    doc = f'"""Predict with `{derivation.model}`: from the file of an image to its answer, as in {_words(cells)} of notebooks/{shape.notebook}."""'
    path = "sys.path.insert(0, str(Path(__file__).resolve().parent))  # the modules beside this one"
    own += [line for each in beside for line in write_imports([each], used, (), stars([each])).splitlines()]
    return f"{doc}\n\n{imports}\n\n{path}\n\n" + "\n".join(f"{line}  # noqa: E402" for line in own)


def _words(cells: Sequence[int]) -> str:
    return re.sub(r"^cell ", "cells " if len(cells) > 1 else "cell ", f"cell {', '.join(map(str, cells))}")
