"""The workspace: what is remembered, what is not, and what is cleaned."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.world.lock import locked
from ferrata.world.workspace import DAY, digest, left_workspaces, open_workspace, remove_old

KEY = digest("notebook", {"python": ""})


def test_nothing_is_recalled_from_a_step_that_did_not_end(tmp_path: Path) -> None:
    with open_workspace(KEY, root=tmp_path) as workspace:
        assert workspace.recall("settle", "inputs") is None


def test_a_finished_step_is_recalled_by_the_next_command(tmp_path: Path) -> None:
    with open_workspace(KEY, root=tmp_path) as workspace:
        workspace.remember("settle", "inputs", {"python": "3.11"})
    with open_workspace(KEY, root=tmp_path) as workspace:
        assert workspace.recall("settle", "inputs") == {"python": "3.11"}
        assert workspace.recall("settle", "other inputs") is None
        assert workspace.recall("observe", "inputs") is None


@pytest.mark.parametrize("torn", [b'{"format": 1, "step": "obs', b"\xff\xfe", b'"text"', b'{"format": 0, "step": "settle", "inputs": "old"}'])
def test_a_line_cut_off_by_a_kill_harms_no_other(tmp_path: Path, torn: bytes) -> None:
    with open_workspace(KEY, root=tmp_path) as workspace:
        workspace.remember("settle", "inputs", {"a": 1})
        with workspace.journal.open("ab") as stream:
            stream.write(torn)
    with open_workspace(KEY, root=tmp_path) as workspace:
        workspace.remember("observe", "more", {"b": 2})
    with open_workspace(KEY, root=tmp_path) as workspace:
        assert workspace.recall("settle", "inputs") == {"a": 1}
        assert workspace.recall("observe", "more") == {"b": 2}


def test_other_options_are_another_workspace(tmp_path: Path) -> None:
    with open_workspace(KEY, root=tmp_path) as one, open_workspace(digest("notebook", {"python": "3.10"}), root=tmp_path) as two:
        assert one.folder != two.folder


def test_two_commands_at_once(tmp_path: Path) -> None:
    with open_workspace(KEY, root=tmp_path), pytest.raises(ProjectError, match="right now"), open_workspace(KEY, root=tmp_path):
        raise AssertionError("two at once")


def test_only_its_owner_can_look_into_it(tmp_path: Path) -> None:
    with open_workspace(KEY, root=tmp_path / "root") as workspace:
        folder = workspace.folder_for("environment")
    for path in (tmp_path / "root", workspace.folder, folder):
        assert path.stat().st_mode & 0o777 == 0o700


def test_a_step_begun_again_starts_from_an_empty_folder(tmp_path: Path) -> None:
    with open_workspace(KEY, root=tmp_path) as workspace:
        folder = workspace.folder_for("observe")
        (folder / "half").write_text("")
        (folder / "half").chmod(0o400)
        folder.chmod(0o500)
        assert list(workspace.folder_for("observe").iterdir()) == []


def test_a_digest_is_the_same_for_the_same_values() -> None:
    assert digest({"a": 1, "b": Path("x")}) == digest({"b": Path("x"), "a": 1}) != digest({"a": 2, "b": Path("x")})


def test_only_what_is_old_and_unused_is_removed(tmp_path: Path) -> None:
    now = time.time()
    ages = {"old": 15, "older-but-in-use": 20, "young": 13}
    for name in ages:
        with open_workspace(name, root=tmp_path) as workspace:
            workspace.remember("settle", "", {})
    for name, days in ages.items():
        for path in (tmp_path / name / "journal.jsonl", tmp_path / name):
            os.utime(path, (now - days * DAY,) * 2)
    with locked(tmp_path / "older-but-in-use.lock"):
        assert [left.folder.name for left in left_workspaces(tmp_path, now=now)] == ["old", "young"]
        remove_old(tmp_path, now=now)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["older-but-in-use", "young"]
