"""Push with one, pull with the other: real DVC and Ferrata, both ways, on a folder and on S3."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ferrata.store.hashing import digest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOME, MANY = 100, 10_000
NAMES = (
    "plain", ".hidden", "with space", "naïve 漢字", "new\nline", "tab\t", "quote'\"", "back\\slash", "#hash", "-dash", "a,b", "%41", "sub/deeper/x", "Z", "z",
)  # fmt: skip


@dataclass(frozen=True)
class Both:
    """The two programs, and the environment that they are run with."""

    dvc: Path
    python: Path
    environment: dict[str, str]

    def ferrata(self, folder: Path, *words: str, status: int = 0) -> str:
        return self._run(folder, [str(self.python), "-m", "ferrata", *words], status)

    def real(self, folder: Path, *words: str, status: int = 0) -> str:
        return self._run(folder, [str(self.dvc), *words], status)

    def _run(self, folder: Path, words: list[str], status: int) -> str:
        done = subprocess.run(words, cwd=folder, env=self.environment, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr


def environment(home: Path, **more: str) -> dict[str, str]:
    names = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT / "src"), "DVC_NO_ANALYTICS": "1", **names, **more}


@pytest.fixture
def both(dvc: Path, tmp_path: Path) -> Both:
    return Both(dvc, Path(sys.executable), environment(tmp_path))


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=environment(folder.parent))


def odd(folder: Path) -> None:
    """A folder with everything that a data folder should not have."""
    (folder / "sub" / "deeper").mkdir(parents=True)
    (folder / "no files").mkdir()
    for name in NAMES:
        (folder / name).write_text(name)
    (folder / "empty").write_bytes(b"")
    (folder / "crlf").write_bytes(b"a\r\nb\r\n")
    (folder / "zeros").write_bytes(b"\0" * 70000)
    (folder / "run.sh").write_text("true")
    (folder / "run.sh").chmod(0o755)
    (folder / "linked").symlink_to("plain")
    (folder / "linked folder").symlink_to("sub")
    for number in range(SOME):
        (folder / "sub" / f"{number}").write_text(str(number))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    odd(folder / "data" / "odd")
    (folder / "data" / "none").mkdir()
    (folder / "data" / "one.csv").write_bytes(b"a\r\n1\r\n")
    (folder / "run.sh").write_text("true")
    (folder / "run.sh").chmod(0o755)
    git(folder.parent, "init", "-q", str(folder))
    return folder


PATHS = ("data/odd", "data/none", "data/one.csv", "run.sh")


def tracked(folder: Path) -> dict[str, bytes]:
    files = (*(f"{path}.dvc" for path in PATHS), "data/.gitignore", ".gitignore")
    return {name: (folder / name).read_bytes() for name in files}


def begun(project: Path, both: Both, *, url: str, endpoint: str = "") -> None:
    both.real(project, "init", "-q")
    more = ("--endpoint", endpoint) if endpoint else ()
    both.ferrata(project, "remote", "add", url, *more)


def committed(project: Path, target: Path) -> Path:
    git(project, "add", "-A")
    git(project, "commit", "-qm", "data")
    git(project.parent, "clone", "-q", str(project), str(target))
    return target


def test_both_write_the_same_files_and_objects(project: Path, both: Both, tmp_path: Path) -> None:
    both.real(project, "init", "-q")
    both.ferrata(project, "data", "add", *PATHS)
    ours, objects = tracked(project), cached(project)
    assert "up to date" in both.real(project, "status")
    for name in (*ours, ".dvc/cache", ".dvc/tmp"):
        subprocess.run(["rm", "-rf", str(project / name)], check=True)
    both.real(project, "add", *PATHS)
    assert (ours, objects) == (tracked(project), cached(project))
    both.ferrata(project, "data", "add", *PATHS)
    assert ours == tracked(project)


def cached(project: Path) -> dict[str, int]:
    folder = project / ".dvc" / "cache" / "files" / "md5"
    return {path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}


def exchange(project: Path, both: Both, tmp_path: Path) -> None:
    """Ours to theirs, then theirs to ours, with the same content at both ends."""
    both.ferrata(project, "data", "add", *PATHS)
    both.ferrata(project, "push")
    before = {path: digest(project / path) for path in PATHS}
    clone = committed(project, tmp_path / "theirs")
    both.real(clone, "pull", "-q")
    assert {path: digest(clone / path) for path in PATHS} == before
    assert "up to date" in both.real(clone, "status") and "in sync" in both.real(clone, "status", "-c")

    (clone / "data" / "odd" / "sub" / "7").write_text("changed by the other")
    (clone / "data" / "odd" / "more").write_text("more")
    both.real(clone, "add", "-q", "data/odd")
    both.real(clone, "push", "-q")
    after = {path: digest(clone / path) for path in PATHS}
    second = committed(clone, tmp_path / "ours")
    both.ferrata(second, "pull")
    assert {path: digest(second / path) for path in PATHS} == after
    assert os.access(second / "run.sh", os.X_OK) and "up to date" in both.real(second, "status")
    assert "already" in both.ferrata(second, "pull") and "already" in both.ferrata(second, "push")


def test_on_a_folder(project: Path, both: Both, tmp_path: Path) -> None:
    for number in range(SOME, MANY):
        (project / "data" / "odd" / f"{number}").write_text(str(number))
    begun(project, both, url=str(tmp_path / "store"))
    exchange(project, both, tmp_path)


@pytest.mark.parametrize("kind", ["hardlink", "symlink", "reflink,hardlink,copy"])
def test_links_of_one_are_links_to_the_other(both: Both, tmp_path: Path, kind: str) -> None:
    project = tmp_path / "project"
    (project / "data" / "deep").mkdir(parents=True)
    for name in ("a", "deep/b", "empty"):
        (project / "data" / name).write_text("" if name == "empty" else name)
    git(tmp_path, "init", "-q", str(project))
    both.real(project, "init", "-q")
    both.real(project, "config", "cache.type", kind)
    both.ferrata(project, "data", "add", "data")
    assert "up to date" in both.real(project, "status")
    both.ferrata(project, "remote", "add", str(tmp_path / "store"))
    found = []
    for pull in (lambda: both.ferrata(project, "pull"), lambda: both.real(project, "checkout", "-q")):
        shutil.rmtree(project / "data")
        pull()
        found.append(links(project))
    assert found[0] == found[1]


def links(project: Path) -> dict[str, tuple[bool, bool]]:
    files = [path for path in (project / "data").rglob("*") if path.is_file() and not path.name.endswith((".dvc", ".gitignore"))]
    return {path.relative_to(project).as_posix(): (path.is_symlink(), path.stat().st_nlink > 1) for path in files}


@pytest.fixture
def s3(s3_python: Path, tmp_path: Path) -> Iterator[tuple[Both, str]]:
    """moto's server with one bucket; or the server at TEST_S3_ENDPOINT, which may check signatures as moto does not, with the AWS_… keys of the environment."""
    if given := os.environ.get("TEST_S3_ENDPOINT"):
        _make_bucket_signed(s3_python, given)
        yield Both(s3_python.with_name("dvc"), s3_python, environment(tmp_path)), given
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [s3_python.with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    try:
        _make_bucket(f"http://127.0.0.1:{port}/bucket")
        yield Both(s3_python.with_name("dvc"), s3_python, environment(tmp_path, **keys)), f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def _make_bucket(url: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=5)
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    raise TimeoutError(url)


def _make_bucket_signed(python: Path, endpoint: str) -> None:
    script = "import s3fs, sys\nsystem = s3fs.S3FileSystem(endpoint_url=sys.argv[1])\nif system.exists('bucket'):\n"
    script += "    [system.rm_file(path) for path in system.find('bucket')]\nelse:\n    system.mkdir('bucket')\n"
    subprocess.run([python, "-c", script, endpoint], check=True)


def test_on_s3(project: Path, s3: tuple[Both, str], tmp_path: Path) -> None:
    both, endpoint = s3
    begun(project, both, url="s3://bucket/some path", endpoint=endpoint)
    exchange(project, both, tmp_path)


def test_what_goes_wrong_on_s3_is_said(project: Path, s3: tuple[Both, str]) -> None:
    both, endpoint = s3
    begun(project, both, url="s3://nowhere/p", endpoint=endpoint)
    both.ferrata(project, "data", "add", "data/one.csv")
    assert "bucket or folder is not there" in both.ferrata(project, "push", status=3)
    nobody = {name: value for name, value in both.environment.items() if not name.startswith(("AWS_ACCESS", "AWS_SECRET"))}
    assert "no credentials" in Both(both.dvc, both.python, nobody).ferrata(project, "push", status=3)
    if os.environ.get("TEST_S3_ENDPOINT"):
        wrong = Both(both.dvc, both.python, {**both.environment, "AWS_SECRET_ACCESS_KEY": "wrong"})
        subprocess.run(["sed", "-i", "s/nowhere/bucket/", str(project / ".dvc" / "config")], check=True)
        assert "credentials" in wrong.ferrata(project, "push", status=3)
    subprocess.run(["sed", "-i", "s/nowhere/bucket/", str(project / ".dvc" / "config")], check=True)
    both.ferrata(project, "push")
    subprocess.run(["rm", "-rf", str(project / ".dvc" / "cache"), str(project / "data" / "one.csv")], check=True)
    assert "1 object received" in both.ferrata(project, "pull")
