"""What the numbers of classes are called: by the folders of the files, by a table that names the files, or by the names of the files themselves.

Each is believed only where it says the same as the author's numbers for every image, one name for one number.
"""

import csv
import os
import re

_MOST_BYTES = 50 * 2**20
_WORD = re.compile(r"[^\W\d_]+(?:[ _-][^\W\d_]+)*")


def class_names(folder, places, files, truths, paths, classes=None):
    """[number, name] of each class; [] where nothing names them. `paths` are all files of images, `places` where the data is, `classes` the names that the
    data set itself has, in the order of their numbers."""
    if truths is None or len(truths) != len(files):
        return []
    truths = [value.item() if hasattr(value, "item") else value for value in truths]
    truths = [int(value) if isinstance(value, float) and value.is_integer() else value for value in truths]
    for names, everything in _ways(folder, places, files, paths):
        pairs = set(zip(truths, names))
        if _is_one_to_one(pairs) and len(files) >= 2 * len(pairs):
            return [] if all(str(a) == b for a, b in pairs) else _sorted(_of_all(pairs, everything, classes))
    return []


def _ways(folder, places, files, paths):
    """The names of these files in each way, with those of all files."""
    by_folder = [os.path.basename(os.path.dirname(path)) for path in paths] if len({path.count("/") for path in paths}) == 1 else []
    yield [os.path.basename(os.path.dirname(path)) for path in files], by_folder
    for place in places:
        path = os.path.join(folder, place)
        if place.lower().endswith((".csv", ".tsv", ".txt")) and os.path.isfile(path) and os.path.getsize(path) <= _MOST_BYTES:
            yield from _columns(path, files)
    yield [_word(path) for path in files], [_word(path) for path in paths]


def _is_one_to_one(pairs):
    return len(pairs) > 1 and len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs) and all(b for _, b in pairs)


def _of_all(pairs, everything, classes):
    """Classes that the images asked about lack, where the numbers are places in the data set's own list, or in alphabetical order."""
    for names in (classes or [], sorted(set(everything))):
        order = set(enumerate(names))
        if pairs < order:
            return order
    return pairs


def _sorted(pairs):
    return sorted(([a, b] for a, b in pairs), key=lambda pair: str(pair[0]).zfill(9))


def _word(path):
    """`cat.12.jpg` → `cat`, `great_pyrenees_7.jpg` → `great_pyrenees`; "" for none."""
    found = _WORD.match(os.path.splitext(os.path.basename(path))[0])
    return found.group() if found else ""


def _columns(path, files):
    """Of a table with a column of the names of files: each other column of words, for these files and for all rows."""
    rows = _rows(path)
    wanted = [_stem(file) for file in files]
    for key in range(len(rows[0]) if len(rows) > 1 else 0):
        known = {_stem(row[key]): row for row in rows}
        if all(name in known for name in wanted):
            for other in range(len(rows[0])):
                if other != key and not all(_is_number(row[other]) for row in rows[1:]):
                    yield [known[name][other] for name in wanted], [row[other] for row in rows[1:]]


def _rows(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = list(csv.reader(file, delimiter=max(",;\t", key=first.count)))
    except (UnicodeDecodeError, csv.Error):
        return []
    return [row for row in rows if len(row) == len(rows[0])]


def _stem(path):
    return os.path.splitext(path.replace("\\", "/").rsplit("/", 1)[-1])[0]


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return not text
    return True
