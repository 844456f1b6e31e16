"""The remotes of a project: list them, add one. What is secret in an address never gets into a file that is in Git."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ferrata.errors import ProjectError, UsageError
from ferrata.flow.projects import project_of
from ferrata.records.sharing import RemoteEntry, Remotes
from ferrata.store.config import Config, read_config, set_value
from ferrata.store.drafts import write_text
from ferrata.store.remotes.options import SCHEMES
from ferrata.world.disk import project_disk_errors


def list_remotes(folder: Path) -> Remotes:
    return _remotes(read_config(project_of(folder)))


def add_remote(folder: Path, url: str, *, name: str = "", is_default: bool = False, endpoint: str = "") -> Remotes:
    """Errors: UsageError for an address that is none, ProjectError for a name that is taken."""
    root = project_of(folder)
    config = read_config(root)
    name = (name or "origin").lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        raise UsageError(f"{name!r} is no name for a remote", where="--name", todo="Use letters, digits, `.`, `_` and `-`.")
    public, secrets = _split(url)
    stored = _stored(root, folder, public)
    if name in config.remotes and config.remotes[name].url != _absolute(root, stored):
        where = f"{root / '.dvc' / 'config'}: {config.remotes[name].url}"
        raise ProjectError(f"There is a remote {name} already", where=where, todo="Choose another --name, or change its url in that file.")
    with project_disk_errors(root):
        _write(root, name, {"url": stored} | ({"endpointurl": endpoint} if endpoint else {}), secrets)
        if is_default or not config.core.get("remote"):
            set_value(root / ".dvc" / "config", "core", "remote", name)
    found = _remotes(read_config(root))
    private = root / ".dvc" / "config.local" if secrets else None
    return replace(found, added=name, private=private, is_local="://" not in stored)


def _write(root: Path, name: str, values: dict[str, str], secrets: dict[str, str]) -> None:
    if secrets:
        _keep_out_of_git(root)
    for key, value in secrets.items():
        set_value(root / ".dvc" / "config.local", f'remote "{name}"', key, value, is_private=True)
    for key, value in values.items():
        set_value(root / ".dvc" / "config", f'remote "{name}"', key, value)


def _keep_out_of_git(root: Path) -> None:
    file = root / ".dvc" / ".gitignore"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if "/config.local" not in text.splitlines():
        write_text(file, f"/config.local\n{text}")


def _split(url: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and the password; UsageError where a secret has no place of its own."""
    if not re.match(r"\w+://", url):
        return url, {}
    parts = urlsplit(url)
    if parts.scheme not in (*SCHEMES, "file"):
        raise UsageError(f"There are no remotes of the kind {parts.scheme}://", where=parts.scheme, todo=f"There are a folder, {', '.join(SCHEMES)}.")
    is_ssh = parts.scheme == "ssh"
    if parts.query or (not is_ssh and (parts.password or parts.username)):
        todo = "Leave it out, and put the credentials in the environment or in .dvc/config.local; docs/share.md says how."
        raise UsageError("The address has credentials in it, which would get into Git", where=f"{parts.scheme}://…", todo=todo)
    if not is_ssh or parts.password is None:
        return url, {}
    place = f"{parts.username}@{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    return urlunsplit((parts.scheme, place, parts.path, "", "")), {"password": parts.password}


def _stored(root: Path, folder: Path, url: str) -> str:
    """As DVC writes it: a folder that is given relative is kept relative, from `.dvc`."""
    if "://" in url or os.path.isabs(url) or url.startswith("~"):
        return url
    return Path(os.path.relpath(os.path.abspath(folder / url), root / ".dvc")).as_posix()


def _absolute(root: Path, stored: str) -> str:
    return stored if "://" in stored else os.path.abspath(os.path.join(root, ".dvc", os.path.expanduser(stored)))


def _remotes(config: Config) -> Remotes:
    default = config.core.get("remote", "").lower()
    return Remotes(tuple(RemoteEntry(name, each.url, name == default) for name, each in config.remotes.items()))
