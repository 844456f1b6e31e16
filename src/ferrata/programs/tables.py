"""Commands that read a project's tables with its own packages: predictions, and the data file that their rows come from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ferrata.records.command import Command

_READING = '''
import json
import sys

import numpy as np
import pandas as pd

MOST_CATEGORIES = 1000


def read(path):
    """Every cell as its text; rows are numbered from 0."""
    if path.endswith(".parquet"):
        table = pd.read_parquet(path)
        return (table if isinstance(table.index, pd.RangeIndex) else table.reset_index()).astype(str)
    with open(path, encoding="utf-8", errors="replace") as file:
        head = file.readline()
    separator = max(",;\\t|", key=head.count)
    for encoding in ("utf-8", "latin-1"):
        try:
            return pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding=encoding)
        except UnicodeDecodeError:
            continue
'''

_LOCATE = _READING + '''

def is_function(left, right):
    """Whether each value on the left stands beside one value on the right."""
    pairs = pd.DataFrame({"left": left, "right": right}).drop_duplicates()
    return not pairs["left"].duplicated().any()


def agrees(cells, truth):
    """2: the column is the truth, written the same or one to one; 1: the truth follows from it; 0: neither, or too many values to tell."""
    numbers, known = pd.to_numeric(pd.Series(cells), errors="coerce"), pd.to_numeric(pd.Series(truth), errors="coerce")
    if len(set(truth)) < 2:
        return 0
    few = len(set(cells)) <= 50 and len(cells) >= 5 * len(set(cells))
    if few and is_function(cells, truth):
        # A value of a few rows may stand beside one truth by chance.
        return 2 if is_function(truth, cells) else int(pd.Series(cells).value_counts().min() >= 5)
    if numbers.notna().all() and known.notna().all() and len(cells) >= 8:
        order = np.argsort(numbers.to_numpy(), kind="stable")
        steps, above = np.diff(known.to_numpy()[order]), np.diff(numbers.to_numpy()[order])
        if np.allclose(numbers, known, rtol=1e-9) or (np.all(steps[above > 0] > 0) and np.all(steps[above == 0] == 0)):
            return 2
    return 0


def places(table, labels):
    """Ways in which labels may name rows: by number, and by each column that has every one of them once."""
    if all(label.isdigit() and int(label) < len(table) for label in labels):
        yield "row number", np.array([int(label) for label in labels])
    for name in table.columns:
        if table[name].is_unique:
            found = pd.Index(table[name]).get_indexer(labels)
            if (found >= 0).all():
                yield str(name), found


def located(table, labels, truth):
    """The best way, and the column that proves it."""
    for way, found in places(table, labels):
        marks = {name: agrees(list(table[name].to_numpy()[found]), truth) for name in table.columns}
        best = max(marks, key=marks.get, default=None)
        if best is not None and marks[best]:
            return way, found, str(best)
    return None


request = json.loads(sys.argv[1])
path = request["predictions"]
predictions = pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path)
arrays, about = {}, {"columns": [str(name) for name in predictions.columns], "data": None}
for number, name in enumerate(predictions.columns):
    array = np.asarray(predictions[name].tolist())
    arrays[f"prediction:{number}"] = array.astype(str) if array.dtype == object else array
if {"row", "truth"} <= set(predictions.columns):
    labels, truth = [str(label) for label in predictions["row"]], [str(value) for value in predictions["truth"]]
    for place in request["data"]:
        table = read(place)
        found = located(table, labels, truth) if table is not None and len(set(labels)) == len(labels) else None
        if found is None:
            continue
        columns = []
        for number, name in enumerate(table.columns):
            cells = table[name].astype(object)
            arrays[f"hash:{number}"] = pd.util.hash_array(cells.to_numpy())
            numbers = pd.to_numeric(cells.where(cells.str.strip() != "", None), errors="coerce")
            kind = "text"
            if numbers.notna().sum() and (numbers.notna() | (cells.str.strip() == "")).all():
                kind, arrays[f"cells:{number}"] = "number", numbers.to_numpy(dtype=float)
            codes, categories = pd.factorize(cells)
            if kind == "text" and len(categories) <= MOST_CATEGORIES:
                kind, arrays[f"cells:{number}"] = "category", codes
            columns.append({"name": str(name), "kind": kind, "categories": [str(each) for each in categories] if kind == "category" else []})
        arrays["places"] = found[1]
        about["data"] = {"file": place, "way": found[0], "target": found[2], "rows": len(table), "columns": columns}
        break
np.savez(request["to"], about=json.dumps(about), **arrays)
'''


def located_rows(python: Path, predictions: Path, data: Iterable[Path], to: Path) -> Command:
    """Write to an `.npz` file the columns of the predictions, and of the first data file that their rows are proved to come from (`about` says which):
    digests of its cells, and its columns of numbers and of few categories.
    """
    request = json.dumps({"predictions": str(predictions), "data": [str(each) for each in data], "to": str(to)})
    return Command((str(python), "-c", _LOCATE, request), why="read predictions and the data they are about", timeout=600)


_RECORDS = _READING + '''

table = read(sys.argv[1])
print("ROWS" + json.dumps(table.iloc[json.loads(sys.argv[2])].to_dict("records")))
'''


def records(python: Path, data: Path, places: Iterable[int]) -> Command:
    """Print these rows of a data file as JSON, after "ROWS" on one line."""
    return Command((str(python), "-c", _RECORDS, str(data), json.dumps(list(places))), why="read rows of the data", timeout=600)
