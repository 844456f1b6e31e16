"""The pages of `data add`, `remote`, `push` and `pull`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from ferrata.pages.json import SCHEMA_VERSION
from ferrata.records.page import Page, Section, Table, Text
from ferrata.records.sharing import AddedAll, Remotes, Shared

_MOST = 20
_UNITS = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def added_page(done: AddedAll, folder: Path) -> Page:
    rows = tuple((_from(each.path, folder), each.state, str(each.files or ""), sized(each.size), _from(each.dvcfile, folder)) for each in done.added)
    styles = tuple("faint" if each.state == "unchanged" else "good" for each in done.added)
    files = [*done.begun, *(each.dvcfile for each in done.added if each.state != "unchanged"), *done.ignored]
    begun = Text("This folder is a project of DVC's format now.") if done.begun else None
    blocks = (Table(("path", "state", "files", "size", "described by"), rows, styles=styles), begun)
    names = " ".join(dict.fromkeys(shlex.quote(_from(file, folder)) for file in files))
    title = f"{len(done.added)} {'path' if len(done.added) == 1 else 'paths'} tracked by content"
    return Page(title, tuple(block for block in blocks if block), added_data(done), f"git add {names} && git commit" if names else "")


def added_data(done: AddedAll) -> dict[str, Any]:
    added = [
        {"path": _from(each.path, done.root), "dvcfile": _from(each.dvcfile, done.root), "md5": each.md5, "size": each.size, "nfiles": each.files,
         "state": each.state}
        for each in done.added
    ]  # fmt: skip
    return {
        "schema_version": SCHEMA_VERSION, "outcome": "added", "project": str(done.root), "added": added,
        "changed_files": [_from(file, done.root) for file in (*done.begun, *done.ignored)],
    }  # fmt: skip


def shared_page(done: Shared, root: Path) -> Page:
    verb = "sent to" if done.direction == "push" else "received from"
    is_nothing = not done.moved and not done.changed
    title = f"{_count(done.moved)} {verb} {done.remote}" if done.moved else f"{len(done.changed):,} checked out, nothing had to be received"
    title = f"Everything is {'there' if done.direction == 'push' else 'here'} already" if is_nothing else title
    about = Text(f"{sized(done.size)} moved, {_count(done.present)} already there, {done.outputs:,} outputs; {done.url}", "faint")
    names = tuple(Text(_from(path, root)) for path in done.changed[:_MOST])
    more = (Text(f"and {len(done.changed) - _MOST:,} more", "faint"),) if len(done.changed) > _MOST else ()
    changed = Section("Checked out", names + more) if names else None
    return Page(title, tuple(block for block in (about, changed) if block), shared_data(done, root))


def shared_data(done: Shared, root: Path) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION, "outcome": "pushed" if done.direction == "push" else "pulled", "remote": done.remote, "url": done.url,
        "outputs": done.outputs, "moved": done.moved, "bytes": done.size, "present": done.present,
        "checked_out": [_from(path, root) for path in done.changed],
    }  # fmt: skip


def remotes_page(found: Remotes) -> Page:
    rows = tuple((entry.name, entry.url, "default" if entry.is_default else "") for entry in found.entries)
    title = f"The remote {found.added} is added" if found.added else f"{len(rows)} {'remote' if len(rows) == 1 else 'remotes'}"
    local = Text("This folder is on this machine: others reach it only if they mount it at the same place.", "warn") if found.is_local else None
    private = Text(f"Its password is in {found.private}, which Git ignores.", "warn") if found.private else None
    blocks = (Table(("name", "url", ""), rows) if rows else Text("There are none. `ferrata remote add URL` adds one."), local, private)
    follow = "git add .dvc/config && git commit, then ferrata push" if found.added else ""
    return Page(title, tuple(block for block in blocks if block), remotes_data(found), follow)


def remotes_data(found: Remotes) -> dict[str, Any]:
    remotes = [{"name": entry.name, "url": entry.url, "default": entry.is_default} for entry in found.entries]
    return {"schema_version": SCHEMA_VERSION, "outcome": "remotes", "added": found.added or None, "remotes": remotes}


def sized(size: int) -> str:
    return next((f"{size / scale:.1f} {unit}" for unit, scale in _UNITS if size >= scale), f"{size} B")


def _count(number: int) -> str:
    return f"{number:,} {'object' if number == 1 else 'objects'}"


def _from(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
