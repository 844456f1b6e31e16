"""Push and pull of objects: what must never be taken for whole, and what travels."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ferrata.errors import OutsideError
from ferrata.store import cache
from ferrata.store.cache import Cache
from ferrata.store.config import CacheConfig
from ferrata.store.hashing import digest
from ferrata.store.remotes import transfer
from ferrata.store.remotes.failures import explained, is_passing
from ferrata.store.remotes.file_systems import FileSystemRemote, open_file_system
from ferrata.store.remotes.remote import FolderRemote, Remote


class Memory:
    """A file system of a dictionary; `fail` is raised by the next calls, one each. Kinds of calls are counted."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.fail: list[Exception] = []
        self.calls: list[str] = []

    def _call(self, name: str, path: str = "") -> None:
        self.calls.append(name)
        if self.fail:
            raise self.fail.pop(0)
        if path and path not in self.files:
            raise FileNotFoundError(path)

    def info(self, path: str) -> dict[str, Any]:
        self._call("info", path)
        return {"name": path, "size": len(self.files[path]), "type": "file"}

    def ls(self, path: str, **_: Any) -> list[dict[str, Any]]:
        self._call("ls")
        return [{"name": name, "size": len(content), "type": "file"} for name, content in self.files.items() if name.rpartition("/")[0] == path]

    def pipe_file(self, path: str, content: bytes) -> None:
        self._call("pipe_file")
        self.files[path] = content

    def put_file(self, source: str, path: str) -> None:
        self._call("put_file")
        self.files[path] = Path(source).read_bytes()

    def get_file(self, path: str, target: str) -> None:
        self._call("get_file", path)
        Path(target).write_bytes(self.files[path])

    def open(self, path: str, _: str) -> Any:
        import io

        return io.BytesIO(self.files[path])


@pytest.fixture
def here(tmp_path: Path) -> Cache:
    (tmp_path / "here" / ".dvc").mkdir(parents=True)
    (tmp_path / "here" / "data" / "deep").mkdir(parents=True)
    for number in range(40):
        (tmp_path / "here" / "data" / "deep" / f"{number}").write_text(str(number))
    return Cache(tmp_path / "here", CacheConfig(tmp_path / "here" / ".dvc" / "cache"))


@pytest.fixture
def there(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "there", CacheConfig(tmp_path / "there" / ".dvc" / "cache"))


@pytest.fixture(params=["folder", "file system"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Remote:
    if request.param == "folder":
        return FolderRemote(tmp_path / "store")
    return FileSystemRemote("mem://b", Memory(), "b/files/md5", jobs=4, pause=lambda _: None)


def stored(remote: Any, md5: str) -> bytes | None:
    if isinstance(remote, FileSystemRemote):
        content: bytes | None = remote.system.files.get(f"b/files/md5/{md5[:2]}/{md5[2:]}")
        return content
    path = Path(remote.url, "files", "md5", md5[:2], md5[2:])
    return path.read_bytes() if path.exists() else None


def spoil(remote: Any, md5: str, content: bytes | None) -> None:
    """Another content, or nothing."""
    if isinstance(remote, FileSystemRemote):
        key = f"b/files/md5/{md5[:2]}/{md5[2:]}"
        remote.system.files.pop(key)
        remote.system.files |= {key: content} if content is not None else {}
        return
    path = Path(remote.url, "files", "md5", md5[:2], md5[2:])
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def content_of(here: Cache) -> Any:
    return cache.put(here.root, here.root / "data")


def test_what_was_pushed_is_pulled(here: Cache, there: Cache, remote: Remote) -> None:
    content = content_of(here)
    sent = transfer.push(here, remote, [content.md5])
    assert (sent.moved, sent.present, sent.missing, sent.damaged) == (41, 0, [], [])
    assert stored(remote, content.md5) == content.listing()
    again = transfer.push(here, remote, [content.md5])
    assert (again.moved, again.present) == (0, 41)
    got = transfer.pull(there, remote, [content.md5])
    assert (got.moved, got.present) == (41, 0)
    cache.checkout(there.root, content.md5, there.root / "data")
    assert digest(there.root / "data") == content
    assert transfer.pull(there, remote, [content.md5]).moved == 0


def test_a_listing_never_names_what_is_not_there(here: Cache, remote: Remote) -> None:
    content = content_of(here)
    Path(here.path(content.files[3].md5)).unlink()
    done = transfer.push(here, remote, [content.md5])
    assert done.missing == [content.files[3].md5] and done.moved == 39 and stored(remote, content.md5) is None


def test_a_damaged_object_is_not_pushed(here: Cache, remote: Remote) -> None:
    content = content_of(here)
    bad = content.files[0].md5
    Path(here.path(bad)).chmod(0o644)
    Path(here.path(bad)).write_text("!")
    done = transfer.push(here, remote, [content.md5])
    assert done.damaged == [bad] and stored(remote, bad) is None and stored(remote, content.md5) is None
    assert not Path(here.path(bad)).exists()


@pytest.mark.parametrize("content", [b"!", b"", b"longer than it was"], ids=["another bit", "cut off", "longer"])
def test_a_damaged_object_of_the_remote_is_not_taken(here: Cache, there: Cache, remote: Remote, content: bytes) -> None:
    whole = content_of(here)
    transfer.push(here, remote, [whole.md5])
    bad = whole.files[0].md5
    spoil(remote, bad, content)
    done = transfer.pull(there, remote, [whole.md5])
    assert done.damaged == [bad] and done.moved == 40 and not Path(there.path(bad)).exists()
    repaired = transfer.push(here, remote, [whole.md5], verify=True)
    assert repaired.moved == 1 and transfer.pull(there, remote, [whole.md5]).damaged == []


def test_what_has_another_size_is_sent_again_unasked(here: Cache, remote: Remote) -> None:
    whole = content_of(here)
    transfer.push(here, remote, [whole.md5])
    spoil(remote, whole.files[0].md5, b"")
    assert transfer.push(here, remote, [whole.md5]).moved == 1


def test_a_damaged_listing_of_the_remote_is_not_taken(here: Cache, there: Cache, remote: Remote) -> None:
    whole = content_of(here)
    transfer.push(here, remote, [whole.md5])
    spoil(remote, whole.md5, whole.listing().replace(b"deep/1", b"deep/x"))
    assert transfer.pull(there, remote, [whole.md5]).damaged == [whole.md5]


def test_what_is_missing_is_said_and_the_rest_comes(here: Cache, there: Cache, remote: Remote) -> None:
    whole = content_of(here)
    transfer.push(here, remote, [whole.md5])
    spoil(remote, whole.files[5].md5, None)
    done = transfer.pull(there, remote, [whole.md5, "0" * 32])
    assert sorted(done.missing) == sorted([whole.files[5].md5, "0" * 32]) and done.moved == 40


def test_a_flipped_bit_in_the_cache_is_repaired_from_the_remote(here: Cache, remote: Remote) -> None:
    whole = content_of(here)
    transfer.push(here, remote, [whole.md5])
    bad = Path(here.path(whole.files[0].md5))
    bad.chmod(0o644)
    bad.write_text("!")
    bad.chmod(0o444)
    assert transfer.pull(here, remote, [whole.md5]).moved == 1
    assert hashlib.md5(bad.read_bytes()).hexdigest() == whole.files[0].md5


def test_verifying_reads_what_no_time_betrays(here: Cache, remote: Remote) -> None:
    import os

    whole = content_of(here)
    transfer.push(here, remote, [whole.md5])
    bad = Path(here.path(whole.files[0].md5))
    before = bad.stat()
    bad.chmod(0o644)
    bad.write_text("!")
    os.utime(bad, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert transfer.pull(here, remote, [whole.md5]).moved == 0
    assert transfer.pull(here, remote, [whole.md5], verify=True).moved == 1


def test_a_folder_that_is_not_there_is_no_empty_remote(there: Cache, tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="not there"):
        transfer.pull(there, FolderRemote(tmp_path / "unmounted"), ["0" * 32])


def memory(pauses: list[float] | None = None, jobs: int = 2) -> FileSystemRemote:
    return FileSystemRemote("s3://b", Memory(), "b/files/md5", jobs=jobs, pause=(pauses if pauses is not None else []).append)


def test_few_objects_are_asked_for_one_by_one_and_many_are_listed() -> None:
    few, many = memory(), memory()
    md5s = [hashlib.md5(str(n).encode()).hexdigest() for n in range(2000)]
    for each in (few, many):
        each.system.files = {f"b/files/md5/{md5[:2]}/{md5[2:]}": b"x" for md5 in md5s[:1000]}
    assert few.sizes(md5s[:3]) == dict.fromkeys(md5s[:3], 1) and set(few.system.calls) == {"info"}
    assert many.sizes(md5s) == dict.fromkeys(md5s[:1000], 1) and set(many.system.calls) == {"ls"}
    assert len(many.system.calls) <= 257


def test_a_lost_connection_is_tried_again_ever_later(here: Cache) -> None:
    pauses: list[float] = []
    remote = memory(pauses)
    content = cache.put(here.root, here.root / "data" / "deep" / "1")
    remote.system.fail = [ConnectionResetError("connection reset"), TimeoutError("timed out")]
    assert transfer.push(here, remote, [content.md5]).moved == 1 and pauses == [0.5, 1.0]
    remote.system.fail = [ConnectionResetError("connection reset")] * 10
    with pytest.raises(OutsideError, match="connection to the remote was lost"):
        transfer.push(here, remote, [content.md5])


class NoCredentialsError(Exception):
    pass


FAILURES = {  # error: (is it tried again, what is said)
    "a refused key": (PermissionError("Access Denied"), False, "refused the credentials"),
    "a wrong secret": (OSError("SignatureDoesNotMatch"), False, "refused the credentials"),
    "no key": (NoCredentialsError("Unable to locate credentials"), False, "no credentials"),
    "no bucket": (FileNotFoundError("The specified bucket does not exist"), False, "bucket or folder is not there"),
    "a full disk": (OSError(28, "No space left on device", "/cache/x"), False, "no space left"),
    "a bug": (ValueError("unexpected"), False, "The remote failed: unexpected"),
    "a server that is busy": (OSError("SlowDown"), True, "connection to the remote"),
    "a lost connection": (ConnectionResetError(104, "Connection reset by peer"), True, "connection to the remote"),
    "an object with a number in its name": (OSError("ab/500403401503"), False, "The remote failed"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_why_a_remote_did_not_answer(name: str) -> None:
    error, is_tried_again, words = FAILURES[name]
    assert is_passing(error) == is_tried_again and words in explained(error, "s3://b").what


def test_a_missing_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from ferrata.store.config import RemoteConfig

    for module, url in (("s3fs", "s3://b/p"), ("gcsfs", "gs://b/p"), ("adlfs", "azure://b/p"), ("sshfs", "ssh://h/p")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(OutsideError) as caught:
            open_file_system(RemoteConfig("r", url))
        assert caught.value.todo == f"Run: pip install 'ferrata[{url.partition(':')[0]}]'"
