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
