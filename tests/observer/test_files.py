"""Files that are opened in C, and very many of them."""

from __future__ import annotations

import os
import types
from pathlib import Path

import pytest

from ferrata.observer import files
from ferrata.observer.files import Files


def test_what_a_reader_in_c_is_given_is_noted(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    library = types.SimpleNamespace(imread=lambda path, flags=1: (path, flags), other=1)
    seen = Files(str(tmp_path), str(tmp_path))
    seen.off = 0  # as when the observer runs
    seen.listen(library, ("imread", "other", "missing"))
    assert library.imread(str(tmp_path / "a.png"), flags=0) == (str(tmp_path / "a.png"), 0)
    library.imread(str(tmp_path / "nowhere.png"))
    assert list(seen.read) == ["a.png"]


def test_where_a_library_looks_for_files_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pets/a.png", "pets/b.png", "pets/c.txt", "one.png", "two.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)

    class Dataset:
        @staticmethod
        def list_files(pattern: object, shuffle: bool = True) -> tuple[object, bool]:
            return pattern, shuffle

    library = types.SimpleNamespace(Dataset=Dataset, listdir=lambda path: path)
    seen = Files(str(tmp_path), str(tmp_path))
    seen.listen(library, ("Dataset.list_files", "listdir", "Missing.list_files"))
    Dataset.list_files("pets/*.png")
    assert not seen.read, "while the observer works nothing is noted"
    seen.off = 0
    found: list[list[str]] = []
    for pattern in ("pets/*.png", ["pets/a.png", "one.*"], Path("two.png"), "no/*.png", 7):
        assert library.Dataset.list_files(pattern, shuffle=False) == (pattern, False) == Dataset().list_files(pattern, False)
        found.append(sorted(seen.read))
        seen.clear()
    library.listdir("pets")
    assert [*found, list(seen.read)] == [["pets/a.png", "pets/b.png"], ["one.png", "pets/a.png"], ["two.png"], [], [], ["pets/"]]


def test_of_very_many_files_the_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_CAP", 3)
    seen = Files(str(tmp_path), str(tmp_path))
    for number in range(9):
        seen.note(str(tmp_path / f"pets/{number}.png"), seen.read)
    assert list(seen.read) == ["pets/0.png", "pets/1.png", "pets/2.png", "pets/"]


def test_what_a_forked_process_opens_is_told(tmp_path: Path) -> None:
    seen = Files(str(tmp_path), str(tmp_path), children=str(tmp_path / "children.jsonl"))
    seen.note(str(tmp_path / "own.png"), seen.read)
    child = os.fork()
    if child == 0:
        for name in ("a.png", "b.png", "a.png"):
            seen.note(str(tmp_path / name), seen.read)
        seen.note(str(tmp_path / "out.csv"), seen.written)
        os._exit(0)
    os.waitpid(child, 0)
    assert list(seen.read) == ["own.png"]
    seen.clear()
    seen.gather()
    assert (list(seen.read), list(seen.written)) == (["a.png", "b.png"], ["out.csv"])
    seen.clear()
    seen.gather()
    assert not seen.read and not seen.written
