"""Which files of the author's a value names."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ferrata.observer.files import Files
from ferrata.observer.named import Named

A, B = "pets/cat.png", "pets/dog.png"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (A, B, *(f"many/{number}.png" for number in range(12)), "../above.csv", "table.csv"):
        path = tmp_path / "root/home" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "elsewhere.csv").write_bytes(b"")
    monkeypatch.chdir(tmp_path / "root/home")
    return tmp_path / "root/home"


class Pictures:
    """As an author's data set holds them."""

    __module__ = "__main__"

    def __init__(self) -> None:
        self.files, self.count = [A, B], 2


CASES: dict[str, tuple[Callable[[], Any], tuple[list[str], list[str]]]] = {
    "words": (lambda: ["cat", "dog"], ([], [])),
    "numbers": (lambda: [1, 2.5, None], ([], [])),
    "a word that is a folder in a list": (lambda: ["pets", "many"], ([], [])),
    "the folder that it runs in": (lambda: ".", ([], [])),
    "a folder above": (lambda: "..", ([], [])),
    "a file that is not the author's": (lambda: "../../elsewhere.csv", ([], [])),
    "no text for a path": (lambda: ["pets/\0", ""], ([], [])),
    "a class": (lambda: Pictures, ([], [])),
    "a text": (lambda: "table.csv", ([], ["table.csv"])),
    "a folder, as a path": (lambda: Path("pets"), ([], ["pets/"])),
    "a list": (lambda: [A, B], ([A, B], [])),
    "a list in which some are gone": (lambda: ["pets/cow.png", A, "pets/hen.png", B], ([A, B], [])),
    "from the root": (lambda: [os.path.abspath(A)], ([A], [])),
    "from above": (lambda: ("../above.csv", A), (["../above.csv", A], [])),
    "paths": (lambda: [Path(B)], ([B], [])),
    "the keys of a dict": (lambda: {A: 0, B: 1}, ([A, B], [])),
    "the values of a dict": (lambda: {0: A}, ([A], [])),
    "a set": (lambda: {A}, ([A], [])),
    "an array": (lambda: np.array([[A, B]]), ([A, B], [])),
    "an array of objects": (lambda: np.array([A, None], dtype=object), ([A], [])),
    "a column": (lambda: pd.DataFrame({"label": [0, 1], "path": [A, B]}), ([A, B], [])),
    "a column of categories": (lambda: pd.Series([A, B], dtype="category"), ([A, B], [])),
    "an index": (lambda: pd.Index([A]), ([A], [])),
    "an object of the author's": (Pictures, ([A, B], [])),
    "many of one folder": (lambda: [f"many/{number}.png" for number in range(12)], (["many/"], [])),
}


@pytest.mark.parametrize("name", CASES)
def test_a_value(name: str, home: Path) -> None:
    make, expected = CASES[name]
    named = Named(Files(str(home.parent), str(home)))
    named.bind(["x", "y"], {"x": make(), "y": 1})
    assert named.by(["x", "y", "unknown"]) == expected
    named.bind(["x"], {"x": 1})
    assert named.by(["x"]) == ([], [])
