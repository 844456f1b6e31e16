"""data add, remote, push and pull as their doors call them, on a folder as remote."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ferrata.errors import FerrataError, OutsideError, ProjectError, UsageError
from ferrata.flow import remotes, sharing, tracking
from ferrata.pages.json import to_json
from ferrata.pages.sharing import added_page, remotes_page, shared_page
from ferrata.pages.terminal import to_text
from ferrata.records.sharing import AddedAll, Shared
from ferrata.world.reporter import RecordingReporter

pytestmark = pytest.mark.usefixtures("nobody")
PIPELINE = """
stages:
  train:
    cmd: x
    outs:
      - model.bin
      - logs:
          cache: false
    metrics:
      - metrics.json:
          cache: false
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "data" / "images").mkdir(parents=True)
    for name in ("images/1", "images/2", "one.csv", "in_git.csv"):
        (folder / "data" / name).write_text(name)
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "model.bin").write_text("model")
    git(folder, "init", "-q")
    git(folder, "add", "data/in_git.csv")
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def add(project: Path, *paths: str) -> AddedAll:
    return tracking.add(project, [Path(path) for path in paths], RecordingReporter())


def push(project: Path, **options: bool) -> Shared:
    return sharing.push(project, RecordingReporter(), **options)  # type: ignore[arg-type]


def pull(project: Path, **options: bool) -> Shared:
    return sharing.pull(project, RecordingReporter(), **options)  # type: ignore[arg-type]


def linked(project: Path) -> None:
    (project / "link").symlink_to("data/images")


REFUSED: dict[str, tuple[Callable[[Path], object], str, type[FerrataError], str]] = {
    "a path in Git": (lambda _: None, "data/in_git.csv", ProjectError, "in Git already"),
    "a folder with files in Git": (lambda _: None, "data", ProjectError, "in Git already"),
    "a stage's output": (lambda _: None, "model.bin", ProjectError, "output of the stage train"),
    "what does not exist": (lambda _: None, "data/none", ProjectError, "does not exist"),
    "a path outside": (lambda project: (project.parent / "x").write_text("x"), "../x", ProjectError, "not data of this project"),
    "the project itself": (lambda _: None, ".", ProjectError, "not data of this project"),
    "the cache": (lambda project: add(project, "data/one.csv"), ".dvc/cache", ProjectError, "not data of this project"),
    "a .dvc file": (lambda project: add(project, "data/one.csv"), "data/one.csv.dvc", UsageError, "a .dvc file"),
    "a file of a tracked folder": (lambda project: add(project, "data/images"), "data/images/1", ProjectError, "tracked as a whole"),
    "a folder above a tracked file": (lambda project: add(project, "data/images/1"), "data/images", ProjectError, "tracked by itself"),
    "a link to a folder": (linked, "link", ProjectError, "link to a folder"),
    "a file behind a link": (linked, "link/1", ProjectError, "link to a folder"),
    "an ignored path": (lambda project: (project / ".dvcignore").write_text("*.csv\n"), "data/one.csv", ProjectError, "ignored by .dvcignore"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_added(project: Path, name: str) -> None:
    prepare, path, error, words = REFUSED[name]
    prepare(project)
    before = sorted(str(file) for file in project.rglob("*.dvc"))
    with pytest.raises(error, match=words) as caught:
        add(project, "data/images/2" if name.startswith("what does") else path, path)
    assert caught.value.todo
    assert sorted(str(file) for file in project.rglob("*.dvc") if file.name != ".dvc") == [file for file in before if not file.endswith("/.dvc")]


def test_adding_and_adding_again(project: Path) -> None:
    first = add(project, "data/images", "data/one.csv")
    assert [each.state for each in first.added] == ["added", "added"] and len(first.begun) == 3
    assert (project / "data" / ".gitignore").read_text() == "/images\n/one.csv\n"
    file = project / "data" / "one.csv.dvc"
    file.write_text("# ours\n" + file.read_text() + "  desc: from the archive\n")
    assert add(project, "data/one.csv").added[0].state == "unchanged"
    (project / "data" / "one.csv").write_text("another")
    assert add(project, "data/one.csv").added[0].state == "updated"
    assert file.read_text() == (
        "# ours\nouts:\n- md5: b32d73e56ec99bc5ec8f83871cde708a\n  size: 7\n  hash: md5\n  path: one.csv\n  desc: from the archive\n"
    )
    shutil.rmtree(project / "data" / "images")
    (project / "data" / "images").write_text("a file now")
    assert add(project, "data/images").added[0].files is None
    assert "nfiles" not in (project / "data" / "images.dvc").read_text()


def test_no_repository_no_project(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(ProjectError, match="no Git repository"):
        add(tmp_path, "x")
    with pytest.raises(ProjectError, match="no project here"):
        push(tmp_path)


SECRETS = {
    "a key and a secret": "s3://KEY:SECRET@bucket/p",
    "a key alone": "s3://KEY@bucket/p",
    "a signature": "azure://container/p?sv=1&sig=SECRET",
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_in_an_address_is_refused_and_not_repeated(project: Path, name: str) -> None:
    add(project, "data/one.csv")
    with pytest.raises(UsageError) as caught:
        remotes.add_remote(project, SECRETS[name])
    assert "SECRET" not in caught.value.what + caught.value.where + caught.value.todo
    assert "SECRET" not in (project / ".dvc" / "config").read_text()


def test_a_password_goes_to_the_file_that_git_ignores(project: Path) -> None:
    add(project, "data/one.csv")
    (project / ".dvc" / ".gitignore").write_text("/tmp\n/cache\n")
    found = remotes.add_remote(project, "ssh://ann:geheim@host:22/srv", name="Deep")
    assert found.entries[0].url == "ssh://ann@host:22/srv" and found.private
    git(project, "add", "-A")
    staged = subprocess.run(["git", "grep", "--cached", "-l", "geheim"], cwd=project, capture_output=True, text=True).stdout
    assert staged == "" and "geheim" in (project / ".dvc" / "config.local").read_text()
    assert "geheim" not in to_text(remotes_page(found)) + to_json(remotes_page(found))


def test_remotes_are_listed_and_a_name_is_taken_once(project: Path) -> None:
    add(project, "data/one.csv")
    assert remotes.list_remotes(project).entries == ()
    remotes.add_remote(project, "../store")
    found = remotes.add_remote(project / "data", "s3://b/p", name="far", endpoint="http://x")
    assert [(each.name, each.url, each.is_default) for each in found.entries] == [
        ("origin", str(project.parent / "store"), True), ("far", "s3://b/p", False)
    ]  # fmt: skip
    remotes.add_remote(project, "../store")
    for url, name, error in (("../other", "", ProjectError), ("hdfs://x/y", "h", UsageError), ("../x", "a b", UsageError)):
        with pytest.raises(error):
            remotes.add_remote(project, url, name=name)


@pytest.fixture
def shared(project: Path) -> Path:
    add(project, "data/images", "data/one.csv")
    remotes.add_remote(project, str(project.parent / "store"))
    push(project)
    git(project, "add", "-A")
    git(project, "commit", "-qm", "x")
    return project


@pytest.fixture
def clone(shared: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", str(shared), str(tmp_path / "clone"))
    return tmp_path / "clone"


def store(folder: Path) -> list[Path]:
    return sorted(path for path in (folder.parent / "store").rglob("*") if path.is_file())


def test_a_fresh_clone_gets_everything_and_the_second_pull_nothing(clone: Path) -> None:
    done = pull(clone)
    assert (done.moved, [path.name for path in done.changed]) == (4, ["images", "one.csv"])
    assert (clone / "data" / "images" / "2").read_text() == "images/2"
    again = pull(clone)
    assert (again.moved, again.changed) == (0, ())
    assert "Everything is here already" in to_text(shared_page(again, clone))


def test_what_is_missing_is_named_and_the_rest_is_checked_out(clone: Path) -> None:
    next(path for path in store(clone) if path.read_text() == "images/2").unlink()
    with pytest.raises(OutsideError) as caught:
        pull(clone)
    assert caught.value.what == "images/2: not in the remote" and caught.value.where.endswith("store")
    assert (clone / "data" / "one.csv").exists() and not (clone / "data" / "images").exists()


def test_what_is_damaged_is_not_taken_and_comes_after_a_repair(clone: Path, shared: Path) -> None:
    bad = next(path for path in store(clone) if path.read_text() == "one.csv")
    bad.chmod(0o644)
    bad.write_text("One.csv")
    with pytest.raises(OutsideError, match="one.csv: damaged in the remote") as caught:
        pull(clone)
    assert "ferrata push --verify" in caught.value.todo and not (clone / "data" / "one.csv").exists()
    assert push(shared, verify=True).moved == 1 and pull(clone).moved == 1


def test_an_edited_file_is_not_written_over(clone: Path) -> None:
    pull(clone)
    (clone / "data" / "images" / "1").write_text("mine")
    with pytest.raises(ProjectError, match="1 changed file is nowhere else: data/images/1"):
        pull(clone)
    assert (clone / "data" / "images" / "1").read_text() == "mine"
    pull(clone, force=True)
    assert (clone / "data" / "images" / "1").read_text() == "images/1"


def test_what_is_nowhere_is_not_pushed_as_if_it_were(shared: Path) -> None:
    (shared / "data" / "one.csv").write_text("new")
    add(shared, "data/one.csv")
    shutil.rmtree(shared / ".dvc" / "cache")
    with pytest.raises(ProjectError, match="one.csv: neither in the cache nor in the remote"):
        push(shared)


LOCK = """schema: '2.0'
stages:
  train:
    cmd: x
    outs:
    - {path: metrics.json, hash: md5, md5: 99914b932bd37a50b983c5e7c90ae93b, size: 2}
    - {path: logs, hash: md5, md5: 99914b932bd37a50b983c5e7c90ae93b, size: 2}
    - {path: model.bin, hash: md5, md5: 20f35e630daf44dbfa4c3f68f5399d8c, size: 5}
  gone:
    cmd: x
    outs:
    - {path: old.bin, hash: md5, md5: 00000000000000000000000000000000, size: 5}
"""


def test_outputs_of_stages_travel_but_not_those_that_git_keeps(shared: Path) -> None:
    from ferrata.store import cache

    (shared / "dvc.lock").write_text(LOCK)
    cache.put(shared, shared / "model.bin")
    done = push(shared)
    assert (done.outputs, done.moved) == (3, 1)


REFUSED_FILES = {
    "of DVC 2": "outs:\n- md5: 99914b932bd37a50b983c5e7c90ae93b\n  size: 2\n  path: x\n",
    "with a remote of its own": "outs:\n- md5: 99914b932bd37a50b983c5e7c90ae93b\n  hash: md5\n  size: 2\n  path: x\n  remote: far\n",
    "of versions in the cloud": "outs:\n- path: x\n  files: []\n",
    "outside of the project": "outs:\n- path: s3://b/x\n",
    "in conflict": "<<<<<<< ours\nouts: []\n=======\n",
    "of another kind": "outs: 3\n",
    "with a digest that is none": "outs:\n- md5: ../../x\n  hash: md5\n  path: x\n",
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_file_that_cannot_be_followed_is_named(shared: Path, name: str) -> None:
    (shared / "x.dvc").write_text(REFUSED_FILES[name])
    for command in (push, pull):
        with pytest.raises(ProjectError) as caught:
            command(shared)
        assert caught.value.where.endswith("x.dvc")


def test_json_has_every_key(clone: Path) -> None:
    done = json.loads(to_json(shared_page(pull(clone), clone)))
    assert done.pop("url").endswith("store")
    assert done == {
        "schema_version": 1, "outcome": "pulled", "remote": "origin", "outputs": 2, "moved": 4, "bytes": 145, "present": 0,
        "checked_out": ["data/images", "data/one.csv"],
    }  # fmt: skip
    page = added_page(add(clone, "data/one.csv"), clone)
    assert json.loads(to_json(page))["added"] == [
        {"path": "data/one.csv", "dvcfile": "data/one.csv.dvc", "md5": "2dede146439a0446b64a4135f02d207b", "size": 7, "nfiles": None, "state": "unchanged"}
    ]


def test_one_at_a_time(clone: Path) -> None:
    from ferrata.world.lock import locked

    (clone / ".dvc" / "tmp").mkdir()
    with locked(clone / ".dvc" / "tmp" / "ferrata.lock"), pytest.raises(ProjectError, match="Another ferrata"):
        pull(clone)
