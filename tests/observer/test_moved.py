"""Paths of data files that the project keeps elsewhere: the same where they name the same file, and nowhere else."""

from __future__ import annotations

import json
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferrata.observer.formats.equality import difference
from ferrata.observer.moved import Moved, compare

PLACES = {
    "shapes": "data/shapes", "../raw/names.csv": "data/raw/names.csv", "tiles/a/1.png": "data/tiles/a/1.png", "tiles/b/2.png": "data/tiles/b/2.png",
    "kept.csv": "kept.csv",
}
A, B = "shapes/cross/a.png", "shapes/disc/b.png"


@pytest.fixture
def moved(tmp_path: Path) -> Moved:
    home, project = tmp_path / "home", tmp_path / "project"
    for name in ("data/shapes/cross/a.png", "data/shapes/disc/b.png", "data/raw/names.csv", "data/tiles/a/1.png", "data/tiles/b/2.png", "kept.csv"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(b"")
    home.mkdir()
    return Moved(home, project, PLACES)


TEXTS: dict[str, tuple[str, str, bool]] = {
    "another file": (A, f"data/{B}", False),
    "a file that is not there": ("shapes/cross/c.png", "data/shapes/cross/c.png", False),
    "a name that is no path": ("cross", "data/cross", False),
    "a file that is no data": ("notes/a.png", "data/notes/a.png", False),
    "the end of a path": ("cross/a.png", "data/shapes/cross/a.png", False),
    "a file above the folder": ("shapes/../a.png", "data/a.png", False),
    "a folder that begins alike": ("shapes2/cross/a.png", "data/shapes/cross/a.png", False),
    "nothing": ("", "data/shapes", False),
    "nothing there": (A, "", False),
    "a path in a sentence": (f"see {A}", f"see data/{A}", False),
    "a pattern that finds nothing": ("shapes/*/*.gif", "data/shapes/*/*.gif", False),
    "data that stayed, and a text that is another": ("kept.csv", "data/kept.csv", False),
    "not a name at all": ("shapes/\0", "data/shapes/\0", False),
    "one text": ("cross", "cross", True),
    "a file in a folder that moved": (A, f"data/{A}", True),
    "written in another way": (f"./{A}", f"data/{A}", True),
    "a file of its own from above": ("../raw/names.csv", "data/raw/names.csv", True),
    "the folder, with its slash": ("shapes/", "data/shapes/", True),
    "a folder in it": ("shapes/disc", "data/shapes/disc", True),
    "a folder above all of it": ("tiles", "data/tiles", True),
    "a folder above half of it": ("tiles/b", "data/tiles/b", True),
    "a pattern": ("shapes/*/*.png", "data/shapes/*/*.png", True),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text(name: str, moved: Moved) -> None:
    one, other, same = TEXTS[name]
    assert moved.same(one, other) is same
    assert bool(moved.named) is (same and one != other)


def test_a_path_from_the_root(moved: Moved) -> None:
    assert moved.same(f"{moved.home}/{A}", f"{moved.project}/data/{A}")
    assert moved.same(f"{moved.home}/kept.csv", f"{moved.project}/kept.csv")
    assert not moved.same(f"{moved.home}/{A}", f"{moved.project}/data/{B}")


KINDS: dict[str, Callable[[list[str]], Any]] = {
    "a list": list,
    "a tuple in a dict": lambda paths: {"train": (paths[0], 1), "test": (paths[1], 2)},
    "the keys of a dict": lambda paths: OrderedDict.fromkeys(paths, 0.5),
    "a set": set,
    "an array of texts": np.array,
    "an array of objects": lambda paths: np.array(paths, dtype=object),
    "a matrix of texts": lambda paths: np.array([paths, paths]),
    "one text of an array": lambda paths: np.array(paths)[0],
    "paths": lambda paths: [Path(path) for path in paths],
    "a column": lambda paths: pd.DataFrame({"file": paths, "label": [0, 1]}),
    "a column of categories": lambda paths: pd.DataFrame({"file": pd.Categorical(paths, ordered=True)}),
    "a series with its index": lambda paths: pd.Series([0.5, 1.5], index=paths, name="share"),
    "the levels of an index": lambda paths: pd.DataFrame({"x": [1, 2]}, index=pd.MultiIndex.from_tuples([(path, 1) for path in paths])),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_value(name: str, moved: Moved) -> None:
    make = KINDS[name]
    there = make([A, B])
    assert difference(there, make([f"data/{A}", f"data/{B}"]))
    assert difference(there, make([f"data/{A}", f"data/{B}"]), moved.same) == ""
    assert difference(there, make([f"data/{B}", f"data/{A}"]), moved.same) or name == "a set"
    assert difference(there, make([f"data/{A}", "data/shapes/disc/c.png"]), moved.same) or name == "one text of an array"


def test_beside_the_paths_nothing_may_differ(moved: Moved) -> None:
    table = pd.DataFrame({"file": [A, B], "width": [0.1, 0.3]})
    other = pd.DataFrame({"file": [f"data/{A}", f"data/{B}"], "width": [0.1, np.nextafter(0.3, 1)]})
    assert difference(table, other.assign(width=table["width"]), moved.same) == ""
    assert difference(table, other, moved.same) == "value['width'][1] differs in its numbers"
    assert difference(table, other[::-1], moved.same)
    one, ranked = (pd.Series(pd.Categorical([A, B], ordered=ordered)) for ordered in (False, True))
    assert difference(one, ranked, moved.same) == "value is category and comes back as category"


def test_how_many_and_where(tmp_path: Path, moved: Moved) -> None:
    pairs = []
    for number, (one, other) in enumerate((([A, B], [f"data/{A}", f"data/{B}"]), ([A], [f"data/{B}"]), ([A], [A]), ([A, "x"], [f"data/{A}", "y"]))):
        for side, value in (("there", one), ("here", other)):
            (tmp_path / f"{side}{number}").write_bytes(pickle.dumps(value))
        pairs.append([str(tmp_path / f"there{number}"), str(tmp_path / f"here{number}")])
    pairs.append([str(tmp_path / "there0"), str(tmp_path / "gone")])
    job = json.loads(json.dumps({"home": moved.home, "project": moved.project, "places": PLACES, "pairs": pairs}))
    assert compare(job, lambda path: pickle.loads(Path(path).read_bytes())) == [[2, "data/shapes"], [0, ""], [0, ""], [0, ""], [0, ""]]
