"""`.dvc/config`: what is read, what is refused, and what is written, as DVC does."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from ferrata.errors import ProjectError
from ferrata.store.config import read_config, set_value
from ferrata.store.ini import parse, quoted, with_value
from ferrata.store.remotes.options import file_system_options
from ferrata.store.remotes.remote import FolderRemote, open_remote


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"DVC_{name}_CONFIG_DIR", str(tmp_path / name.lower()))
    (tmp_path / "project" / ".dvc").mkdir(parents=True)
    return tmp_path / "project"


REFUSED = {
    "a line of no section": ("remote = x\n", "cannot be read"),
    "a line that is none": ("[core]\nremote\n", "cannot be read"),
    "a quote that is open": ("[core]\n    remote = \"x\n", "cannot be read"),
    "several lines": ("[core]\n    remote = '''x\n", "cannot be read"),
    "a value made of others": ("[core]\n    remote = %(x)s\n", "cannot be read"),
    "a setting of the cache that is not known": ("[cache]\n    colour = red\n", "cache.colour"),
    "a setting of the core that is not known": ("[core]\n    colour = red\n", "core.colour"),
    "another kind of link": ("[cache]\n    type = hardlink,magic\n", "cache.type has magic"),
    "sharing with somebody else": ("[cache]\n    shared = world\n", "cache.shared"),
    "a cache that is no folder": ("[cache]\n    dir = s3://bucket\n", "cache.dir"),
    "no number": ("[core]\n    checksum_jobs = many\n", "core.checksum_jobs"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(root: Path, name: str) -> None:
    text, words = REFUSED[name]
    (root / ".dvc" / "config").write_text(text)
    with pytest.raises(ProjectError, match=words):
        read_config(root)


REMOTES_REFUSED = {
    "worktree": ("/folder", "worktree = true", "worktree"),
    "version_aware": ("s3://b/p", "version_aware = true", "version_aware"),
    "customer keys": ("s3://b/p", "sse_customer_key = x", "sse_customer_key"),
    "a setting of another kind": ("/folder", "endpointurl = http://x", "endpointurl"),
    "another kind": ("gdrive://x/y", "", "gdrive"),
    "no number": ("ssh://host/p", "port = high", "port"),
}


@pytest.mark.parametrize("name", REMOTES_REFUSED)
def test_a_remote_that_only_dvc_can_use_is_refused_by_name(root: Path, name: str) -> None:
    url, line, words = REMOTES_REFUSED[name]
    (root / ".dvc" / "config").write_text(f"['remote \"r\"']\n    url = {url}\n    {line}\n")
    with pytest.raises(ProjectError, match=words):
        open_remote(read_config(root).remote())


def test_each_file_lays_over_the_one_before(root: Path) -> None:
    for place, text in (
        (root.parent / "system" / "config", "[core]\n    remote = a\n[cache]\n    type = copy\n"),
        (root.parent / "global" / "config", "['remote \"b\"']\n    url = ../there\n[cache]\n    type = symlink\n"),
        (root / ".dvc" / "config", "[core]\n    remote = B # a comment\n['remote \"b\"']\n    jobs = 3\n"),
        (root / ".dvc" / "config.local", "[cache]\n    dir = '../with, comma'\n    type = hardlink, copy\n"),
    ):
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    found = read_config(root)
    assert (found.remote().url, dict(found.remote().options)) == (str(root.parent / "there"), {"jobs": "3"})
    assert (found.cache.folder, found.cache.links) == (root / "with, comma", ("hardlink", "copy"))


def test_without_a_file_everything_is_as_dvc_has_it(root: Path) -> None:
    found = read_config(root)
    assert (found.cache.folder, found.cache.links, found.cache.is_shared) == (root / ".dvc" / "cache", ("reflink", "copy"), False)
    with pytest.raises(ProjectError, match="no default remote"):
        found.remote()
    with pytest.raises(ProjectError, match="no remote 'x'"):
        found.remote("x")


VALUES = ["x", "a, b", "with # hash", 'say "x", please', "it's, so", " lead", "trail ", "a = b", "[x]", "", "s3://bucket/a b", "'q'"]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_read_back(value: str) -> None:
    assert parse(f"[core]\n    x = {quoted(value)}\n") == {"core": {"x": value}}


def test_writing_keeps_comments_and_everything_else() -> None:
    text = "# mine\n[core]\n    # why\n    remote = old # here\n\n['remote \"a\"']\n    url = x"
    changed = with_value(with_value(text, "core", "remote", "new"), 'remote "a"', "jobs", "2")
    assert changed == "# mine\n[core]\n    # why\n    remote = new\n\n['remote \"a\"']\n    url = x\n    jobs = 2\n"
    assert with_value(changed, "cache", "type", "hardlink,copy").endswith('    jobs = 2\n[cache]\n    type = "hardlink,copy"\n')


def test_secrets_are_for_their_owner_alone(root: Path) -> None:
    set_value(root / ".dvc" / "config.local", 'remote "a"', "password", "p,q", is_private=True)
    assert (root / ".dvc" / "config.local").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ProjectError):
        set_value(root / ".dvc" / "config", "core", "remote", "two\nlines")


def test_settings_of_s3_become_its_file_system_s(root: Path) -> None:
    lines = "url = s3://b/p\n    endpointurl = http://x:1\n    access_key_id = k\n    use_ssl = false\n    read_timeout = 5\n    acl = private\n    jobs = 4"
    (root / ".dvc" / "config").write_text(f"['remote \"r\"']\n    {lines}\n")
    assert file_system_options(read_config(root).remote()) == (
        "s3",
        {
            "client_kwargs": {"endpoint_url": "http://x:1"}, "key": "k", "use_ssl": False, "config_kwargs": {"read_timeout": 5},
            "s3_additional_kwargs": {"ACL": "private"},
        },
    )  # fmt: skip


def test_an_address_of_ssh(root: Path) -> None:
    (root / ".dvc" / "config").write_text("['remote \"r\"']\n    url = ssh://ann@host:2222/srv/data\n    keyfile = /k\n")
    assert file_system_options(read_config(root).remote()) == ("ssh", {"host": "host", "username": "ann", "port": 2222, "client_keys": ["/k"]})


def test_a_folder_by_its_address(root: Path) -> None:
    (root / ".dvc" / "config").write_text(f"['remote \"r\"']\n    url = file://{root}/store\n")
    assert isinstance(open_remote(read_config(root).remote()), FolderRemote)


# Several commands in one process of DVC, which takes a second to start.
_SEVERAL = """
import json, sys
from dvc.cli import main
for words in json.loads(sys.argv[1]):
    assert main(words) == 0, words
    print("\\0", end="", flush=True)
"""


@pytest.mark.slow
def test_dvc_reads_what_we_write_and_we_what_it_writes(dvc: Path, root: Path) -> None:
    def ask(*commands: list[str]) -> list[str]:
        environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
        words = [dvc.with_name("python"), "-c", _SEVERAL, json.dumps(commands)]
        return subprocess.run(words, cwd=root, capture_output=True, text=True, check=True, env=environment).stdout.split("\0")[:-1]

    (root / ".dvc").rmdir()
    subprocess.run(["git", "init", "-q", root], check=True)
    ask(["init", "-q"])
    values = [one for one in VALUES if one.strip() == one and one]
    for number, value in enumerate(values):
        set_value(root / ".dvc" / "config", f'remote "r{number}"', "url", f"s3://b/{value}")
    assert ask(*(["config", f"remote.r{number}.url"] for number in range(len(values)))) == [f"s3://b/{value}\n" for value in values]
    ask(*(["remote", "add", f"t{number}", f"s3://c/{value}"] for number, value in enumerate(values)), ["remote", "add", "-d", "here", "../store"])
    found = read_config(root)
    assert [found.remote(f"r{number}").url for number in range(len(values))] == [f"s3://b/{value}" for value in values]
    assert [found.remote(f"t{number}").url for number in range(len(values))] == [f"s3://c/{value}" for value in values]
    assert found.remote().url == str(root.parent / "store")
