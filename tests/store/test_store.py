"""The store alone, without DVC: what must stop a run, what must make a stage run again, and what is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from ferrata.errors import OutsideError, ProjectError
from ferrata.records.command import Command, Outcome
from ferrata.records.project import Stage
from ferrata.store import cache, init, yaml12
from ferrata.store.dvcfile import dvcfile_path, read_dvcfile, write_dvcfile
from ferrata.store.hashing import digest
from ferrata.store.pipelines.lock import read_lock
from ferrata.store.pipelines.pipeline import read_params, read_pipeline, select_params, write_params, write_pipeline
from ferrata.store.running.runner import in_order, run_pipeline, stage_commands

COPY = Stage("copy", "copy", ("raw.txt",), ("size",), ("out/copy.txt",))
COUNT = Stage("count", "count", ("out",), (), (), ("metrics.json",))


class Shell:
    """Runs the two commands in this process and counts them."""

    def __init__(self, status: int = 0) -> None:
        self.status, self.ran = status, []

    def __call__(self, command: Command) -> Outcome:
        name, folder = command.arguments[-1], command.folder
        assert folder
        self.ran.append(name)
        if name == "copy":
            (folder / "out/copy.txt").write_text((folder / "raw.txt").read_text().upper())
        if name == "count":
            (folder / "metrics.json").write_text(str(len((folder / "out/copy.txt").read_text())))
        return Outcome(command, self.status, "", "it broke" if self.status else "", 0.0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "raw.txt").write_text("abc")
    write_params(tmp_path, {"size": 1, "other": 2})
    write_pipeline(tmp_path, (COUNT, COPY))
    return tmp_path


def run(project: Path, **options: bool) -> list[str]:
    shell = Shell()
    run_pipeline(project, (COUNT, COPY), shell, **options)
    return shell.ran


CHANGES = {
    "nothing": (lambda folder: None, []),
    "another parameter": (lambda folder: write_params(folder, {"size": 1, "other": 3}), []),
    "a touched input": (lambda folder: os.utime(folder / "raw.txt", (0, 0)), []),
    "a deleted cached result": (lambda folder: (folder / "out/copy.txt").unlink(), []),
    "an edited cached result": (lambda folder: (folder / "out/copy.txt").write_text("x"), []),
    "an edited metric, which is in the run cache": (lambda folder: (folder / "metrics.json").write_text("99"), []),
    "a deleted lock, when the same is in the run cache": (lambda folder: (folder / "dvc.lock").unlink(), []),
    "the input": (lambda folder: (folder / "raw.txt").write_text("abcd"), ["copy", "count"]),
    "an input that gives the same result": (lambda folder: (folder / "raw.txt").write_text("ABC"), ["copy"]),
    "the parameter": (lambda folder: write_params(folder, {"size": 2}), ["copy"]),
    "an edited metric": (
        lambda folder: [(folder / "metrics.json").write_text("99"), cache.remove(folder / ".dvc/cache/runs")],
        ["count"],
    ),
    "a deleted lock": (
        lambda folder: [(folder / "dvc.lock").unlink(), cache.remove(folder / ".dvc/cache/runs")],
        ["copy", "count"],
    ),
    "a result lost everywhere": (
        lambda folder: [cache.remove(folder / "out"), cache.remove(folder / ".dvc")],
        ["copy"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_runs_again(project: Path, name: str) -> None:
    assert run(project) == ["copy", "count"]
    before = (project / "dvc.lock").read_bytes()
    change, expected = CHANGES[name]
    change(project)
    assert run(project) == expected
    assert (project / "out/copy.txt").read_text() == (project / "raw.txt").read_text().upper()
    assert run(project) == []
    if not expected:
        assert (project / "dvc.lock").read_bytes() == before


def test_force_runs_everything(project: Path) -> None:
    run(project)
    assert run(project, force=True) == ["copy", "count"]


def test_a_failing_stage_stops_the_run_and_is_not_locked(project: Path) -> None:
    with pytest.raises(OutsideError) as caught:
        run_pipeline(project, (COPY, COUNT), Shell(status=1))
    assert "copy" in caught.value.what and "it broke" in caught.value.todo
    assert read_lock(project) == {}


def test_a_result_that_is_not_written_stops_the_run(project: Path) -> None:
    with pytest.raises(ProjectError, match="did not write missing.txt"):
        run_pipeline(project, (Stage("copy", "copy", outs=("out/copy.txt", "missing.txt")),), Shell())


REFUSED = {
    "a cycle": (Stage("a", "a", ("y",), (), ("x",)), Stage("b", "b", ("x",), (), ("y",))),
    "two writers": (Stage("a", "a", outs=("x",)), Stage("b", "b", outs=("x",))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_pipelines(name: str) -> None:
    with pytest.raises(ProjectError):
        in_order(REFUSED[name])


def test_order_follows_files_in_folders() -> None:
    stages = (Stage("c", "c", ("b/x/y",)), Stage("b", "b", ("a",), (), ("b/x",)), Stage("a", "a", outs=("a/1",)))
    assert [stage.name for stage in in_order(stages)] == ["a", "b", "c"]


def test_the_command_uses_the_interpreter_s_folder_first(tmp_path: Path) -> None:
    (command,) = stage_commands(tmp_path, COPY, python=Path("/env/bin/python"), environment={"PATH": "/bin", "A": "1"})
    assert command.environment == {"PATH": f"/env/bin{os.pathsep}/bin", "A": "1", "VIRTUAL_ENV": "/env"}
    assert command.arguments == ("sh", "-c", "copy")


def test_the_pipeline_file_is_read_back(project: Path) -> None:
    assert read_pipeline(project) == (COUNT, COPY)
    assert read_params(project) == {"size": 1, "other": 2}


def test_every_missing_parameter_is_named() -> None:
    with pytest.raises(ProjectError, match="a.c, d"):
        select_params({"a": {"b": 1}}, ["a.b", "d", "a.c"])


PEOPLE = {
    "a text like a bool": "yes", "a text like a float": "12e3", "a text like nothing": "null", "a text like a date": "2020-01-01", "a text like a time": "1:30",
    "a small float": 1e-05, "a whole float": 1e22, "a text with a colon": "a: b", "lines": "a\nb", "a long text": "word " * 60, "nothing": None,
    "a float": 0.1, "infinity": float("inf"), "an int": 3, "nested": {"a": [1, {"b": []}]}, "an octal": "010", "unicode": "ä 漢", "empty": "",
}  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_yaml_for_people_is_read_alike_by_both_versions(name: str) -> None:
    text = yaml12.dump_for_people({"key": PEOPLE[name]})
    for read in (yaml12.load(text)["key"], yaml.safe_load(text)["key"]):
        assert (read, type(read)) == (PEOPLE[name], type(PEOPLE[name]))


MD5S = [
    "1234567890e123456789012345678901",
    "12345678901234567890123456789012",
    "0e345678901234567890123456789012",
    "00000000000000000000000000000000",
]


@pytest.mark.parametrize("md5", MD5S)
def test_a_digest_that_looks_like_a_number_stays_text(md5: str) -> None:
    assert yaml12.load(yaml12.dump_as_dvc({"md5": md5})) == {"md5": md5}


def test_a_dvc_file_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_text("x")
    content = cache.put(tmp_path, tmp_path / "data")
    tracked = read_dvcfile(write_dvcfile(tmp_path / "data", content))
    assert (tracked.path, tracked.md5, tracked.size, tracked.nfiles) == (tmp_path / "data", content.md5, 1, 1)
    dvcfile_path(tmp_path / "data").write_text("outs: 3")
    with pytest.raises(ProjectError):
        read_dvcfile(dvcfile_path(tmp_path / "data"))


def test_checkout_gives_the_folder_back_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a").write_text("x")
    content = cache.put(tmp_path, folder)
    (folder / "other").write_text("y")
    (folder / "deep" / "a").write_text("changed")
    cache.checkout(tmp_path, content.md5, folder)
    assert digest(folder) == content
    (folder / "deep" / "a").write_text("a checked-out file can be written")
    assert cache.object_path(tmp_path, content.files[0].md5).read_text() == "x"
    with pytest.raises(ProjectError):
        cache.checkout(tmp_path, "0" * 32, folder)
    assert folder.exists()


def test_a_missing_path_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(ProjectError):
        digest(tmp_path / "none")


def test_init_and_ignore_add_and_never_repeat(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("/venv")
    assert len(init.init(tmp_path)) == 3 and init.init(tmp_path) == ()
    assert init.ignore(tmp_path, ("out.txt", "data/[1]!.csv")) == (
        tmp_path / ".gitignore",
        tmp_path / "data/.gitignore",
    )
    assert init.ignore(tmp_path, ("out.txt",)) == ()
    assert (tmp_path / ".gitignore").read_text() == "/venv\n/out.txt\n"
    assert (tmp_path / "data/.gitignore").read_text() == "/\\[1\\]\\!.csv\n"
