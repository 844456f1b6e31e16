"""An answer that is kept is given again only while looking anew would give the same."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ferrata.cli import instant as door
from ferrata.cli.plain import PLAIN
from ferrata.errors import FerrataError
from ferrata.flow.execution import run
from ferrata.pages.terminal import to_text
from ferrata.records.run_request import RunRequest
from ferrata.store import instant
from ferrata.world.reporter import RecordingReporter

PIPELINE = """
stages:
  count:
    cmd: ls data | wc -l > count.txt
    deps: [data]
    params: [rate]
    outs: [count.txt]
  copy:
    cmd: mkdir -p out && cp count.txt out/a && cp count.txt out/b
    deps: [count.txt]
    outs: [out]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "place" / "project"
    (folder / "data" / "deep").mkdir(parents=True)
    for name in ("a", "b", "deep/c"):
        (folder / "data" / name).write_text(name)
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "params.yaml").write_text("rate: 1\nother: 2\n")
    (folder / "README.md").write_text("x")
    subprocess.run(["git", "init", "-q", folder], check=True)
    for name in ("DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "settings" / name))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "a")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@example.org")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(instant, "_RACY", -(10**18))  # files of this test are young
    monkeypatch.chdir(folder)
    run(RunRequest(), RecordingReporter())
    subprocess.run(["git", "add", "--all"], check=True)
    subprocess.run(["git", "commit", "-qm", "x"], check=True)
    return folder


def looked(word: str) -> str:
    """The slow way, which keeps its answer."""
    seen = door.looked_at([word])
    try:
        page = PLAIN[word]()
    except FerrataError as error:
        return f"{error}"
    door.keep([word], seen, page)
    return to_text(page)


def known(word: str, capsys: pytest.CaptureFixture[str]) -> str | None:
    capsys.readouterr()
    return capsys.readouterr().out if door.answered([word]) else None


def edit(path: str, text: str = "z") -> Callable[[Path], None]:
    def change(project: Path) -> None:
        place = project / path
        if place.is_file():
            place.chmod(0o644)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    return change


def edit_unseen(path: str) -> Callable[[Path], None]:
    """As long as before, with the time of before."""

    def change(project: Path) -> None:
        status = (project / path).stat()
        edit(path, "Z" * status.st_size)(project)
        os.utime(project / path, ns=(status.st_atime_ns, status.st_mtime_ns))

    return change


def replaced(project: Path) -> None:
    shutil.copy2(project / "data/a", project / "data/.new")
    os.replace(project / "data/.new", project / "data/a")


CHANGES: dict[str, Callable[[Path], object]] = {
    "data is edited": edit("data/a"),
    "data is edited in place, its time put back": edit_unseen("data/a"),
    "a file more in the data": edit("data/deep/d"),
    "a file less in the data": lambda project: (project / "data" / "b").unlink(),
    "a file that only its inode betrays": replaced,
    "a parameter": edit("params.yaml", "rate: 2\nother: 2\n"),
    "a parameter that nothing reads": edit("params.yaml", "rate: 1\nother: 3\n"),
    "the pipeline": edit("dvc.yaml", PIPELINE.replace("wc -l", "wc -w")),
    "the lock is gone": lambda project: (project / "dvc.lock").unlink(),
    "a result is edited": edit("count.txt", "7\n"),
    "a result in a folder is edited": edit("out/a", "7\n"),
    "a result is gone": lambda project: shutil.rmtree(project / "out"),
    "an object of the cache is gone": lambda project: next(path for path in (project / ".dvc/cache/files/md5").rglob("*") if path.is_file()).unlink(),
    "the cache is gone": lambda project: shutil.rmtree(project / ".dvc/cache"),
    "the cache is elsewhere": edit(".dvc/config", "[cache]\n    dir = ../elsewhere\n"),
    "settings of the user": lambda project: edit(f"{os.environ['DVC_GLOBAL_CONFIG_DIR']}/config", "[cache]\n    type = copy\n")(project),
    "data that is tracked now": edit("more.csv.dvc", "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  size: 1\n  hash: md5\n  path: more.csv\n"),
    "a second pipeline": edit("sub/dvc.yaml", "stages: {}\n"),
    "what DVC ignores": edit(".dvcignore", "b\n"),
    "a file of no stage": edit("README.md", "y"),
    "evidence": edit("evidence/x.json", '{"level": "identical", "subject": "s", "scores": []}'),
    "a commit": lambda project: subprocess.run("echo y > README.md && git commit -qam y", shell=True, check=True),
    "a commit and a change": lambda project: subprocess.run("echo y > README.md && git commit -qam y && echo z > README.md", shell=True, check=True),
    "an unfinished command": lambda project: (Path(os.environ["XDG_CACHE_HOME"]) / "ferrata/adopt/0123").mkdir(parents=True),
    "an unfinished project": lambda project: (project.parent / ".shop.ferrata-1").mkdir(),
    "a link to a folder": lambda project: (project / "linked").symlink_to(project / "data"),
    "a link to a file": lambda project: (project / "data" / "linked").symlink_to(project / "README.md"),
    "a file that may be run": lambda project: (project / "data" / "a").chmod(0o755),
    "a variable": lambda project: os.environ.update({"SOMETHING": "else"}),
    "nothing": lambda project: None,
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_after_a_change(name: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING", "here")
    before = {word: looked(word) for word in ("run", "status")}
    assert {word: known(word, capsys) for word in before} == before
    time.sleep(0.02)  # times of the file system move in steps
    CHANGES[name](project)
    said = {word: known(word, capsys) for word in ("status", "run")}
    after = {word: looked(word) for word in ("status", "run")}  # in this order: a run changes what status says
    assert all(text is None or text == after[word] for word, text in said.items())
    if name == "nothing":
        assert said == before


@pytest.mark.parametrize("seed", range(6))
def test_many_changes(seed: int, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lasting = {"a variable", "a link to a folder", "a second pipeline", "an unfinished command", "an unfinished project", "the cache is elsewhere"}
    draw, names = random.Random(seed), sorted(set(CHANGES) - lasting)
    given = 0
    for _ in range(12):
        try:
            CHANGES[draw.choice(names)](project)
        except (OSError, StopIteration, subprocess.CalledProcessError):
            pass  # this change cannot follow the one before
        for word in draw.sample(("status", "run", "run"), 3):
            time.sleep(0.01)
            said, anew = known(word, capsys), looked(word)
            assert said is None or said == anew
            given += said is not None
    assert given, "nothing was ever known"


def test_a_young_file_is_not_vouched_for(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instant, "_RACY", 10**15)
    looked("run")
    assert known("run", capsys) is None


def test_a_run_that_is_going_on_is_not_talked_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ferrata.world.run_lock import one_run

    looked("run")
    with one_run(project):
        assert known("run", capsys) is None
    assert known("run", capsys) is not None


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"format": 1}', '{"format": 1, "run": {"version": 3}}'])
def test_what_is_damaged_costs_time_only(project: Path, capsys: pytest.CaptureFixture[str], kept: str) -> None:
    before = looked("run")
    (project / ".dvc/tmp/ferrata/instant.json").write_text(kept)
    assert known("run", capsys) is None
    assert looked("run") == before and known("run", capsys) == before


def test_other_words_are_never_answered(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    looked("run")
    assert not any(door.answered(words) for words in (["run", "--force"], ["run", "copy"], ["status", "--json"], ["history"], ["--help"]))


def test_the_process_loads_next_to_nothing(project: Path) -> None:
    script = "import sys\nfrom ferrata.cli import main\ntry:\n    main(['status'])\nexcept SystemExit as end:\n"
    script += "    print(end.code, *{'typing', 'dataclasses', 'subprocess', 'ferrata.errors'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    old = time.time() - 60
    for path in project.rglob("*"):
        os.utime(path, (old, old), follow_symlinks=False)
    time.sleep(2.2)  # a change of times is a change
    said = [subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, env=environment).stdout for _ in range(3)]
    assert said[-1].splitlines()[-1] == "0", said
    assert "everything is up to date" in said[-1]


def test_a_reader_that_has_had_enough_is_no_error(project: Path) -> None:
    looked("status")
    command = f"'{sys.executable}' -c 'from ferrata.store import instant; instant._RACY = -10**18; from ferrata.cli import main; main()' status | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.stderr == ""
