"""Digests that are remembered: never for a file that may have changed since, and never needed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ferrata.store import cache, hashing
from ferrata.store.hashing import digest

OLD = time.time() - 100


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    names: list[str] = []
    real = hashing.file_md5

    def file_md5(path: Path) -> str:
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(hashing, "file_md5", file_md5)
    return names


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / ".dvc").mkdir()
    for name in ("a", "b", "deep/c"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name * 9000)
        os.utime(path, (OLD, OLD))
    return tmp_path / "data"


def edit_in_place(path: Path) -> None:
    """Same size, same inode, and the time of the last change put back."""
    before = path.stat()
    path.write_text("x" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path: Path) -> None:
    draft = path.with_name("draft")
    draft.write_text("y" * path.stat().st_size)
    os.utime(draft, (OLD, OLD))
    os.replace(draft, path)


CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "an edit whose time was put back": (lambda data: edit_in_place(data / "a"), ["a"]),
    "another file of the same size and time": (lambda data: replace(data / "a"), ["a"]),
    "a longer file": (lambda data: (data / "a").open("a").write("z"), ["a"]),
    "a new time": (lambda data: os.utime(data / "a"), ["a"]),
    "a damaged index": (lambda data: index(data).write_bytes(b"nothing of the kind"), ["a", "b", "c"]),
    "an index cut off": (lambda data: os.truncate(index(data), 5000), ["a", "b", "c"]),
    "no index": (lambda data: index(data).unlink(), ["a", "b", "c"]),
    "nothing": (lambda data: None, []),
    "a new file": (lambda data: (data / "d").write_text("d"), ["d"]),
    "a file less": (lambda data: (data / "b").unlink(), []),
}


def index(data: Path) -> Path:
    return data.parent / ".dvc" / "tmp" / "ferrata" / "files.sqlite"


@pytest.fixture(autouse=True)
def _no_connection_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ferrata.store.index._open_indexes", {})


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_may_have_changed_is_read_again(data: Path, read: list[str], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    digest(data)
    read.clear()
    monkeypatch.setattr("ferrata.store.index._open_indexes", {})  # as another command would find it
    change, expected = CHANGES[name]
    change(data)
    seen = digest(data)
    assert sorted(read) == expected
    cache.remove(data.parent / ".dvc")
    assert seen == digest(data)


def test_a_file_that_changed_just_now_is_read_until_it_is_old(data: Path, read: list[str]) -> None:
    digest(data)
    (data / "a").write_text("now")
    for _ in range(2):
        read.clear()
        digest(data)
        assert read == ["a"]
    os.utime(data / "a", (OLD, OLD))
    digest(data)
    read.clear()
    digest(data)
    assert read == []


def test_without_a_project_or_a_folder_to_write_in_files_are_read(data: Path, read: list[str]) -> None:
    (data.parent / ".dvc" / "tmp").write_text("a file in the way")
    digest(data)
    digest(data)
    assert sorted(read) == ["a", "a", "b", "b", "c", "c"]


def test_a_large_file_by_itself_is_remembered_and_a_small_one_just_read(data: Path, read: list[str]) -> None:
    (data / "small").write_text("s")
    os.utime(data / "small", (OLD, OLD))
    for name in ("b", "small"):
        os.utime(data / name, (OLD, OLD))
        digest(data / name)
    digest(data / "deep" / "c")
    read.clear()
    for path in ("b", "small", "deep/c"):
        digest(data / path)
    assert read == ["b", "small"] or read == ["small"]


def test_killed_while_it_writes_it_gives_no_wrong_answer(data: Path, read: list[str]) -> None:
    script = (
        f"import os, pathlib\nfrom ferrata.store.hashing import digest\ndata = pathlib.Path({str(data)!r})\n"
        "while True:\n    digest(data)\n    [os.utime(path, (5, n)) for n, path in enumerate(data.glob('*'))]\n"
    )
    for pause in (0.2, 0.25, 0.3, 0.35):
        process = subprocess.Popen([sys.executable, "-c", script])
        time.sleep(pause)
        process.kill()
        process.wait()
        (data / "a").write_text(f"after {pause}")
        found = digest(data)
        assert {entry.relpath: entry.md5 for entry in found.files or ()} == {name: hashing.file_md5(data / name) for name in ("a", "b", "deep/c")}


def test_what_was_checked_out_is_known_and_an_edit_right_after_is_seen(data: Path, read: list[str]) -> None:
    content = cache.put(data.parent, data)
    cache.remove(data)
    cache.checkout(data.parent, content.md5, data)
    read.clear()
    assert digest(data) == content and read == []
    (data / "a").write_text("b" * (data / "a").stat().st_size)
    assert digest(data).md5 != content.md5 and read == ["a"]
