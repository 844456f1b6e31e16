"""Objects and the files made of them: links, odd files, and damage that must be found."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.store import cache
from ferrata.store.hashing import digest
from ferrata.store.index import find_root

BIG = 3 << 20


@pytest.fixture(autouse=True)
def _no_settings_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("DVC_SYSTEM_CONFIG_DIR", str(tmp_path / "none"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".dvc").mkdir(parents=True)
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "data" / "a").write_text("a")
    (folder / "data" / "empty").write_text("")
    (folder / "data" / "deep" / "big").write_bytes(os.urandom(BIG))
    return folder


def configure(project: Path, text: str) -> None:
    (project / ".dvc" / "config").write_text(text)


def flip(path: Path, *, restore_time: bool = False) -> None:
    """Another bit, as a disk or a careless program leaves it; the mode stays."""
    before = path.stat()
    path.chmod(0o644)
    with path.open("r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    path.chmod(stat.S_IMODE(before.st_mode))
    if restore_time:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("kind", ["copy", "reflink,copy", "hardlink", "symlink", "hardlink,symlink,copy"])
@pytest.mark.parametrize("name", ["a", "deep/big"])
def test_a_flipped_bit_in_the_cache_is_never_handed_out(project: Path, kind: str, name: str) -> None:
    configure(project, f'[cache]\n    type = "{kind}"\n')
    content = cache.put(project, project / "data")
    cache.remove(project / "data")
    md5 = next(entry.md5 for entry in content.files or () if entry.relpath == name)
    flip(cache.object_path(project, md5))
    with pytest.raises(ProjectError, match="damaged"):
        cache.checkout(project, content.md5, project / "data")
    assert not (project / "data" / name).exists() and not cache.object_path(project, md5).exists()
    assert not cache.has(project, content.md5)


def test_a_small_object_is_read_whatever_its_times_say(project: Path) -> None:
    content = cache.put(project, project / "data" / "a")
    flip(cache.object_path(project, content.md5), restore_time=True)
    (project / "data" / "a").unlink()
    with pytest.raises(ProjectError, match="damaged"):
        cache.checkout(project, content.md5, project / "data" / "a")


def test_a_damaged_listing_is_removed(project: Path) -> None:
    content = cache.put(project, project / "data")
    flip(cache.object_path(project, content.md5))
    with pytest.raises(ProjectError, match="damaged"):
        cache.checkout(project, content.md5, project / "data")
    assert (project / "data" / "a").exists() and not cache.has(project, content.md5)


@pytest.mark.parametrize("relpath", ["../outside", "/etc/passwd", "a/../../b", "", "a//b", "./a"])
def test_a_listing_never_leads_out_of_the_folder(relpath: str) -> None:
    with pytest.raises(ProjectError):
        cache.read_listing(f'[{{"md5": "{"0" * 32}", "relpath": "{relpath}"}}]'.encode(), where="x")


def _fifo(path: Path) -> None:
    os.mkfifo(path)


REFUSED = {
    "a link that leads nowhere": lambda data: (data / "x").symlink_to("nowhere"),
    "a pipe": lambda data: _fifo(data / "x"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_tracked(project: Path, name: str) -> None:
    REFUSED[name](project / "data")
    with pytest.raises(ProjectError) as caught:
        digest(project / "data")
    assert caught.value.where.endswith("data/x")


LINKS = {  # cache.type: (is a link, shares the object, mode) of a file that is not empty
    "copy": (False, False, 0o644),
    "hardlink": (False, True, 0o444),
    "symlink": (True, True, 0o444),
}


@pytest.mark.parametrize("kind", LINKS)
def test_files_are_linked_as_the_settings_say(project: Path, kind: str) -> None:
    configure(project, f"[cache]\n    type = {kind}\n")
    os.umask(0o022)
    content = cache.put(project, project / "data")
    for _ in range(2):
        file, md5 = project / "data" / "deep" / "big", next(e.md5 for e in content.files or () if e.size == BIG)
        is_same = os.path.samefile(file, cache.object_path(project, md5))
        assert (file.is_symlink(), is_same, stat.S_IMODE(file.stat().st_mode)) == LINKS[kind]
        assert digest(project / "data") == content
        cache.remove(project / "data")
        cache.checkout(project, content.md5, project / "data")


def test_links_into_a_cache_that_was_lost_are_no_hindrance(project: Path) -> None:
    from ferrata.store import workspace

    configure(project, "[cache]\n    type = symlink\n")
    content = cache.put(project, project / "data")
    cache.open_cache(project).config.folder.rename(project / "lost")
    assert workspace.unsaved(cache.open_cache(project), content.md5, project / "data") == []
    (project / "lost").rename(project / ".dvc" / "cache")
    cache.checkout(project, content.md5, project / "data")
    assert digest(project / "data") == content


def test_links_to_files_become_files_and_links_to_folders_are_not_followed(project: Path) -> None:
    (project / "other").mkdir()
    (project / "other" / "o").write_text("o")
    (project / "data" / "file").symlink_to("../other/o")
    (project / "data" / "folder").symlink_to("../other")
    content = cache.put(project, project / "data")
    assert [entry.relpath for entry in content.files or ()] == ["a", "deep/big", "empty", "file"]
    assert not (project / "data" / "file").is_symlink() and (project / "data" / "folder").is_symlink()


def test_a_project_in_the_data_is_left_out(project: Path) -> None:
    (project / "data" / "inner" / ".dvc").mkdir(parents=True)
    (project / "data" / "inner" / "x").write_text("x")
    assert [entry.relpath for entry in digest(project / "data").files or ()] == ["a", "deep/big", "empty"]


def test_a_checkout_writes_only_what_differs(project: Path) -> None:
    content = cache.put(project, project / "data")
    before = (project / "data" / "a").stat()
    (project / "data" / "deep" / "big").unlink()
    (project / "data" / "more").mkdir()
    (project / "data" / "more" / "x").write_text("x")
    cache.checkout(project, content.md5, project / "data")
    assert (project / "data" / "a").stat() == before and digest(project / "data") == content
    assert not (project / "data" / "more").exists()


SWAPS = {
    "a folder where a file was": lambda data: ((data / "a").unlink(), (data / "a").mkdir(), (data / "a" / "x").write_text("x")),
    "a file where a folder was": lambda data: (cache.remove(data / "deep"), (data / "deep").write_text("x")),
    "a link instead of the folder": lambda data: (data.rename(data.with_name("moved")), data.symlink_to("moved")),
    "a file instead of the folder": lambda data: (cache.remove(data), data.write_text("x")),
}


@pytest.mark.parametrize("name", SWAPS)
def test_a_checkout_makes_way(project: Path, name: str) -> None:
    content = cache.put(project, project / "data")
    SWAPS[name](project / "data")
    cache.checkout(project, content.md5, project / "data")
    assert digest(project / "data") == content


def test_an_executable_file(project: Path) -> None:
    (project / "run").write_text("true")
    (project / "run").chmod(0o755)
    content = cache.put(project, project / "run")
    (project / "run").unlink()
    cache.checkout(project, content.md5, project / "run", is_executable=content.is_executable)
    assert os.access(project / "run", os.X_OK) and digest(project / "run") == content


def test_the_cache_is_where_the_settings_say(project: Path, tmp_path: Path) -> None:
    configure(project, "[cache]\n    dir = ../../shared\n    shared = group\n")
    content = cache.put(project, project / "data")
    assert cache.object_path(project, content.md5).is_relative_to(tmp_path / "shared") and not (project / ".dvc" / "cache").exists()
    assert stat.S_IMODE(cache.object_path(project, content.md5).parent.stat().st_mode) == 0o2775 & ~0


def test_a_read_only_folder_is_no_bug(project: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    (project / ".dvc").chmod(0o555)
    assert digest(project / "data").files is not None
    with pytest.raises(PermissionError):
        cache.put(project, project / "data")


def test_nothing_is_left_of_drafts(project: Path) -> None:
    cache.put(project, project / "data")
    assert [path for path in project.rglob("*") if path.name.startswith("at-")] == []
    assert find_root(project / "data" / "deep") == project
