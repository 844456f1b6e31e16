"""Deliver: nothing or a finished project, whatever happens."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ferrata.errors import OutsideError, ProjectError
from ferrata.steps.deliver import CommitSpec, commit, deliver
from ferrata.world.staging import abandoned, check_target, staging_for
from ferrata.world.workspace import left_workspaces

COMMITS = (CommitSpec("Code", ("src",)), CommitSpec("Data", ("data.csv.dvc",)), CommitSpec("Proof"))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield


def fill(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "train.py").write_text("print(1)\n")
    (folder / "data.csv.dvc").write_text("outs: []\n")
    (folder / ".gitignore").write_text("/model\n")
    (folder / "model").write_text("weights")
    (folder / "proof.json").write_text("{}")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "churn"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    with pytest.raises(ProjectError, match="not empty"), staging_for(target):
        raise AssertionError("the target was taken")
    assert [path.name for path in target.iterdir()] == ["mine.txt"] and hidden(tmp_path) == []


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "churn").write_text("mine")
    with pytest.raises(ProjectError, match="a file where the project would go"):
        check_target(tmp_path / "churn")


def test_a_folder_filled_while_we_worked_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "churn"
    with pytest.raises(ProjectError, match="not empty"), staging_for(target) as staged:
        fill(staged)
        target.mkdir()
        (target / "mine.txt").write_text("mine")
        deliver(COMMITS, staged, target)
    assert [path.name for path in target.iterdir()] == ["mine.txt"] and hidden(tmp_path) == []


def test_the_project_of_this_very_notebook_is_recognised(tmp_path: Path) -> None:
    target = tmp_path / "churn"
    with staging_for(target) as staged:
        (staged / "notebooks").mkdir()
        (staged / "notebooks" / "churn.ipynb").write_bytes(b"{}")
        deliver([CommitSpec("Code")], staged, target)
    with pytest.raises(ProjectError, match="adopted already") as raised:
        check_target(target, notebook_sha256=hashlib.sha256(b"{}").hexdigest())
    assert str(target) in raised.value.todo and "--into" in raised.value.todo
    with pytest.raises(ProjectError, match="not empty"):
        check_target(target, notebook_sha256=hashlib.sha256(b"another").hexdigest())


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), staging_for(tmp_path / "new" / "churn") as staged:
        fill(staged)
        raise RuntimeError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache"]


@pytest.mark.parametrize("target", ["churn", "made/on/the/way/churn", "empty"])
def test_a_delivered_project(tmp_path: Path, target: str) -> None:
    (tmp_path / "empty").mkdir()
    with staging_for(tmp_path / target) as staged:
        fill(staged)
        deliver(COMMITS, staged, tmp_path / target)
    project = tmp_path / target
    assert git(project, "log", "--format=%s", "--reverse").split() == ["Code", "Data", "Proof"]
    assert git(project, "status", "--porcelain") == ""
    assert (project / "model").read_text() == "weights", "what Git ignores is delivered too"
    assert "model" not in git(project, "ls-files").split()
    assert hidden(project.parent) == []
    mask = os.umask(0)
    os.umask(mask)
    assert project.stat().st_mode & 0o777 == 0o777 & ~mask


def test_committing_twice_commits_once(tmp_path: Path) -> None:
    fill(tmp_path)
    commit(COMMITS, tmp_path)
    before = git(tmp_path, "rev-parse", "HEAD")
    commit(COMMITS, tmp_path)
    assert git(tmp_path, "rev-parse", "HEAD") == before


def test_who_has_no_name_still_gets_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    folder = tmp_path / "project"
    folder.mkdir()
    fill(folder)
    commit(COMMITS, folder)
    assert set(git(folder, "log", "--format=%an <%ae>").splitlines()) == {"Ferrata <ferrata@localhost>"}
    assert "user" not in (folder / ".git" / "config").read_text()


def test_the_second_of_two_at_once_is_refused(tmp_path: Path) -> None:
    with (
        staging_for(tmp_path / "churn"),
        pytest.raises(ProjectError, match="right now") as raised,
        staging_for(tmp_path / "other" / ".." / "churn"),
    ):
        raise AssertionError("two at once")
    assert str(os.getpid()) in raised.value.where
    with staging_for(tmp_path / "churn"):
        pass


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(OutsideError, match="Permission was denied") as raised, staging_for(locked / "churn"):
        raise AssertionError("it could be written")
    assert "--into" in raised.value.todo


@pytest.mark.parametrize(
    ("number", "what"), [("EROFS", "read-only"), ("ENOSPC", "no space left"), ("EDQUOT", "quota"), ("EACCES", "denied")]
)
def test_what_the_disk_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str, what: str) -> None:
    import errno
    import tempfile

    def refuse(**_: object) -> str:
        raise OSError(getattr(errno, number), "refused")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(OutsideError, match=what) as raised, staging_for(tmp_path / "churn"):
        raise AssertionError("it could be written")
    assert raised.value.todo and raised.value.where == str(tmp_path)


FLOW = Path(__file__).with_name("slow_flow.py")


def start(notebook: Path, target: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(FLOW), str(notebook), str(target)], stderr=subprocess.PIPE)


def test_killed_at_any_moment_it_leaves_nothing_or_all_and_continues(tmp_path: Path) -> None:
    """A slow story with the real staging, workspace, journal and git, killed again and again until it gets through."""
    notebook, target = tmp_path / "churn.ipynb", tmp_path / "churn"
    notebook.write_bytes(b'{"cells": []}')
    chance = random.Random(7)
    ends = []
    for _ in range(14):
        process = start(notebook, target)
        time.sleep(chance.uniform(0.1, 1.0))
        process.send_signal(signal.SIGKILL)
        _, error = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), error.decode()
        ends.append(process.returncode)
        assert notebook.read_bytes() == b'{"cells": []}'
        if target.exists():
            break
    else:
        process = start(notebook, target)
        assert process.wait(60) == 0
    assert -signal.SIGKILL in ends, "no run was killed: this test tested nothing"
    is_whole(target)
    # The kill may have come after the last act, before the tidying up: the next command sees to it.
    process = start(notebook, tmp_path / "again")
    assert process.wait(60) == 0
    is_whole(tmp_path / "again")


def is_whole(project: Path) -> None:
    assert git(project, "log", "--format=%s", "--reverse").split() == ["Code", "Data", "Proof"]
    assert git(project, "status", "--porcelain") == ""
    git(project, "fsck", "--strict")
    assert (project / "result.txt").read_text() == "12"


def test_after_a_kill_finished_steps_are_not_done_again(tmp_path: Path) -> None:
    notebook, target = tmp_path / "churn.ipynb", tmp_path / "churn"
    notebook.write_bytes(b"{}")
    process = start(notebook, target)
    wait_for(lambda: any(tmp_path.glob("cache/ferrata/adopt/*/journal.jsonl")))
    process.kill()
    process.communicate()
    assert not target.exists()
    assert [left.folder for left in left_workspaces()] != []
    assert start(notebook, target).wait(60) == 0
    assert (target / "runs.txt").read_text() == "1", "the first step ran once, over two commands"
    assert left_workspaces() == () and hidden(tmp_path) == []


def test_a_dead_staging_folder_is_seen_and_cleared(tmp_path: Path) -> None:
    notebook, target = tmp_path / "churn.ipynb", tmp_path / "churn"
    notebook.write_bytes(b"{}")
    process = start(notebook, target)
    wait_for(lambda: hidden(tmp_path) != [])
    assert list(abandoned(tmp_path)) == [], "its command is alive"
    process.kill()
    process.communicate()
    assert len(list(abandoned(tmp_path))) == 1
    with staging_for(target):
        assert len(hidden(tmp_path)) == 1
    assert hidden(tmp_path) == []


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
