"""Commands for a project's own interpreter."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ferrata.records.command import Command

# Columns of a table as arrays without pickles; a column of lists becomes a matrix.
_TABLE_TO_ARRAYS = """
import sys
import numpy as np
import pandas as pd

table = pd.read_parquet(sys.argv[1])
arrays = {}
for name in table.columns:
    values = table[name].tolist()
    array = np.asarray(values)
    arrays[name] = array.astype(str) if array.dtype == object else array
np.savez(sys.argv[2], **arrays)
"""


def table_to_arrays(python: Path, table: Path, target: Path) -> Command:
    """Read a Parquet file with the project's packages and write its columns to an `.npz` file."""
    return Command((str(python), "-c", _TABLE_TO_ARRAYS, str(table), str(target)), why="read predictions", timeout=120)

# The observer under a name of its own, and the project's own loader.
_LOADER = """
import importlib.util
import json
import os
import sys

observer, source, *paths = sys.argv[1:]
name = "_ferrata_observer"
spec = importlib.util.spec_from_file_location(name, os.path.join(observer, "__init__.py"), submodule_search_locations=[observer])
package = importlib.util.module_from_spec(spec)
sys.modules[name] = package
spec.loader.exec_module(package)
sys.path.insert(0, source)
import artifacts
"""
# What the loader gives for each file, as the observer's digest of its content.
_DIGESTS = _LOADER + """
from _ferrata_observer.fingerprint import Fingerprints

found = {}
for path in paths:
    value = artifacts.load(path)
    print_ = Fingerprints().of(value)
    found[path] = [print_.digest, print_.exact]
print("DIGESTS" + json.dumps(found))
"""
# Which pairs of files hold the same but for the paths of data files in them.
_MOVED = _LOADER + """
from _ferrata_observer import moved

with open(paths[0], encoding="utf-8") as file:
    job = json.load(file)
print("MOVED" + json.dumps(moved.compare(job, artifacts.load)))
"""
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "Agg"}


def artifact_digests(python: Path, observer: Path, project: Path, source: Path, paths: Iterable[str]) -> Command:
    """Load artefacts of a project with its own `artifacts.py` and print their digests, as JSON after "DIGESTS" on one line."""
    arguments = (str(python), "-c", _DIGESTS, str(observer), str(source), *paths)
    return Command(arguments, folder=project, environment=_QUIET, why="compare what crosses", timeout=600)


def moved_paths(python: Path, observer: Path, project: Path, source: Path, job: Path) -> Command:
    """Compare pairs of artefacts but for the paths of data files in them (`observer/moved.py` says what the job holds), as JSON after "MOVED" on one line."""
    arguments = (str(python), "-c", _MOVED, str(observer), str(source), str(job))
    return Command(arguments, folder=project, environment=_QUIET, why="compare the paths in what crosses", timeout=600)


# Which part of two files differs first. Nothing is unpickled: formats that hold code are told by their digest alone.
_FIRST = """
import io
import json
import sys
import zipfile

import numpy as np


def arrays(path):
    if path.endswith(".npy"):
        return {"": np.load(path, allow_pickle=False)}
    if path.endswith(".npz"):
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    if path.endswith(".parquet"):
        import pandas as pd

        table = pd.read_parquet(path)
        return {f"column {name}": table[name].to_numpy() for name in table.columns}
    if path.endswith(".keras"):
        with zipfile.ZipFile(path) as archive:
            return tensors(io.BytesIO(archive.read("model.weights.h5")))
    if path.endswith((".h5", ".hdf5")):
        return tensors(path)
    if path.endswith(".safetensors"):
        from safetensors.numpy import load_file

        return load_file(path)
    raise SystemExit(3)


def tensors(source):
    import h5py

    found = {}
    with h5py.File(source, "r") as file:
        file.visititems(lambda name, item: found.update({f"tensor {name}": item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def first(one, other):
    if one.shape != other.shape:
        return f"{' × '.join(map(str, other.shape))} there, {' × '.join(map(str, one.shape))} here"
    if one.dtype != other.dtype:
        return f"{other.dtype} there, {one.dtype} here"
    same = (one == other) | ((one != one) & (other != other))
    if same.all():
        return ""
    place = np.argwhere(~same)[0]
    rest = f", place {', '.join(str(int(number) + 1) for number in place[1:])}" if len(place) > 1 else ""
    return f"first in row {int(place[0]) + 1}{rest} ({int((~same).sum()):,} of {same.size:,} values)" if len(place) else "its value"


here, there = arrays(sys.argv[1]), arrays(sys.argv[2])
for name in dict.fromkeys([*here, *there]):
    if name not in here or name not in there:
        print(f"{name}: on one side only")
        break
    said = first(np.asarray(here[name]), np.asarray(there[name]))
    if said:
        print(f"{name}: {said}" if name else said)
        break
"""


def first_difference(python: Path | None, here: Path, there: Path) -> Command:
    """Print the column, tensor and row in which two files of arrays first differ; status 3 for a format that it does not know."""
    return Command((str(python or "python3"), "-c", _FIRST, str(here), str(there)), why="look where the results part", timeout=120)


# Cells one after the other in one namespace; what the last line of a cell gives is shown, as a notebook does.
_CELLS = """
import ast
import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    cells = json.load(file)
sys.path.insert(0, os.getcwd())
namespace = {"__name__": "__main__", "display": print}
for number, source in cells:
    print(f"\\x1e{number}")
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), namespace)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
        if value is not None:
            print(repr(value))
"""


def cells_run(python: Path | None, cells: Path, folder: Path) -> Command:
    """Run the [number, text] pairs in a JSON list as the cells of a notebook; what each prints comes on standard output, behind a mark and its number."""
    environment = {"MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1"}
    return Command((str(python or "python3"), "-c", _CELLS, str(cells)), folder, environment, "run the notebook's cells")


_MISSING = "import importlib.util, sys; print(*(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))"


def missing_modules(python: Path, names: Iterable[str]) -> Command:
    """Print which of these top-level modules the interpreter does not find."""
    return Command((str(python), "-I", "-c", _MISSING, *names), why="look for imported packages", timeout=120)


# A project's own predict.py at `path`, and what it reads once.
LOADED = """
sys.path.insert(0, os.path.dirname(path))
spec = importlib.util.spec_from_file_location("predict", path)
predict = importlib.util.module_from_spec(spec)
sys.modules["predict"] = predict
spec.loader.exec_module(predict)
state = predict.load()
"""
# Rows through it. A file of the data's own format is read as the notebook reads it. JSON has null for no number.
_ANSWERS = """
import importlib.util
import json
import math
import os
import sys

path, source, target, kind = sys.argv[1:]
""" + LOADED + """if kind == "images":
    with open(source, encoding="utf-8") as file:
        rows = json.load(file)
elif kind == "records":
    with open(source, encoding="utf-8") as file:
        rows = predict.pd.DataFrame(json.load(file))
elif kind == "parquet":
    rows = predict.pd.read_parquet(source)
else:
    rows = predict.read(source)
# Where a question has rows before it, the first rows of a file are none: the others keep their numbers.
numbers = [int(number) for number in rows.index] if kind == "data" and hasattr(predict, "BEFORE") else None


def one_by_one():
    for place in range(len(rows)):
        try:
            yield predict.predict([rows[place]] if kind == "images" else rows.iloc[[place]], state)[0]
        except predict.Rejected as error:
            yield {"rejected": {"row": numbers[place] if numbers else place, "field": error.field, "message": error.message}}


def as_json(value):
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


try:
    answers = predict.predict(rows, state)
except predict.Rejected:
    answers = list(one_by_one())
if numbers:
    answers = [{"row": number, **answer} for number, answer in zip(numbers, answers)]
with open(target, "w", encoding="utf-8") as file:
    json.dump(as_json(answers), file, allow_nan=False, default=str)
"""


def answers(python: Path, project: Path, module: Path, source: Path, target: Path, kind: str) -> Command:
    """Write the answers for the rows of a file to `target`, as JSON. `kind`: `records` (a JSON list), `images` (a JSON list of
    paths), `parquet`, or `data` (as the notebook reads it)."""
    arguments = (str(python), "-c", _ANSWERS, str(module), str(source), str(target), kind)
    return Command(arguments, folder=project, environment={"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "Agg"}, why="answer", timeout=3600)
