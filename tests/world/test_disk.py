"""Files: whole or not at all, and private where they should be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ferrata.errors import OutsideError
from ferrata.world.disk import cache_folder, private_folder, remove_tree, sha256, write_whole


def test_a_write_that_fails_keeps_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutsideError, match="no space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_write_replaces(tmp_path: Path) -> None:
    write_whole(tmp_path / "new" / "file", b"one")
    write_whole(tmp_path / "new" / "file", b"two")
    assert (tmp_path / "new" / "file").read_bytes() == b"two"


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="No such file") as raised:
        sha256(tmp_path / "gone")
    assert raised.value.where == str(tmp_path / "gone")


def test_removing_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("kept")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "link").symlink_to(tmp_path / "mine")
    remove_tree(tmp_path / "ours")
    assert (tmp_path / "mine" / "file").read_text() == "kept" and not (tmp_path / "ours").exists()


def test_the_cache_is_where_the_platform_says(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "c"), "HOME": str(tmp_path)}) == tmp_path / "c" / "ferrata"
    assert cache_folder({"HOME": str(tmp_path)}) == tmp_path / ".cache" / "ferrata"


def test_without_a_home_the_temporary_folder_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "file").write_text("")
    assert cache_folder({"HOME": str(tmp_path / "file")}) == tmp_path / f"ferrata-{os.getuid()}"


def test_a_folder_of_another_user_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    with pytest.raises(PermissionError):
        private_folder(tmp_path / "theirs")
