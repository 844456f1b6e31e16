"""An answer kept with everything it depends on, so that a command with nothing to do asks for the status of files and does nothing else.

What `ferrata run` and `ferrata status` said last, when nothing was to be done, is kept in `.dvc/tmp/ferrata/instant.json` with a digest of every file of the
project (place, inode, times, size), of the environment, and of what lies outside: settings of DVC, folders of the cache. It is given again only while all of
it is the same. In doubt there is no answer, and the command looks for itself: a link to a folder, a path that leads out of the project, a file that changed
within the last two seconds (a later change could bear the same time), too many files, a run that is going on.

This module is read before anything else, and imports next to nothing.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False  # `typing` takes longer to import than the rest of this module does to run
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_FORMAT = 1
_MOST = 50_000
_RACY = 2_000_000_000  # nanoseconds
_LEFT_OUT = ("__pycache__", "node_modules")
_VOLATILE = ("_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES")


def find_project(folder: str) -> str:
    """The nearest folder upwards that has a pipeline, and is a Git repository or one that DVC keeps without Git; "" where there is none."""
    while True:
        if os.path.isfile(f"{folder}/dvc.yaml") and (os.path.exists(f"{folder}/.git") or os.path.exists(f"{folder}/.dvc")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent


def kept_answer(project: str, word: str, version: str) -> Mapping[str, Any] | None:
    """What was kept for this command, if nothing has changed since."""
    import json

    try:
        with open(_file(project), encoding="utf-8") as stream:
            kept = json.load(stream)
        answer = kept[word]
        if kept["format"] != _FORMAT or answer["version"] != version or answer["around"] != around(answer["outside"]) or _is_taken(project):
            return None
        return answer if answer["tree"] == tree(project)[0] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_answer(project: str, word: str, version: str, seen: str, outside: Iterable[str], answer: Mapping[str, Any]) -> None:
    """`seen` is the digest of the tree from before the answer was found; nothing is kept where it is not the same now, or could change unseen."""
    import contextlib
    import json

    outside = list(outside)
    now, newest = tree(project)
    if not seen or now != seen or newest > time.time_ns() - _RACY:
        return
    file = _file(project)
    try:
        with open(file, encoding="utf-8") as stream:
            kept = json.load(stream)
    except (OSError, ValueError):
        kept = {}
    if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
        kept = {"format": _FORMAT}
    kept[word] = {**answer, "version": version, "outside": outside, "around": around(outside), "tree": now}
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(file), exist_ok=True)
        draft = f"{file}.{os.getpid()}"
        with open(draft, "w", encoding="utf-8") as stream:
            json.dump(kept, stream)
        os.replace(draft, file)


def tree(project: str) -> tuple[str, int]:
    """A digest of every file of the project, and the newest of their times; ("", 0) where there is something that this cannot vouch for."""
    hasher, newest, count = _md5(), 0, 0
    folders = [project]
    while folders:
        folder = folders.pop()
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        if folder != project and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not _is_left_out(folder, entry.name, project):
                    folders.append(entry.path)
                    hasher.update(os.fsencode(entry.path) + b"\0")
                continue
            status = entry.stat()  # of what a link leads to; a folder behind a link is somebody else's
            own = entry.stat(follow_symlinks=False)
            count += 1
            if status.st_mode & 0o170000 != 0o100000 or count > _MOST:
                return "", 0
            for each in (status, own) if entry.is_symlink() else (status,):
                changed = 0 if each.st_nlink > 1 else each.st_ctime_ns
                newest = max(newest, each.st_mtime_ns, changed)
                hasher.update(b"%s\0%d %d %d %d %d\0" % (os.fsencode(entry.path), each.st_ino, each.st_mtime_ns, changed, each.st_size, each.st_mode))
    return str(hasher.hexdigest()), newest


def around(outside: Iterable[str]) -> str:
    """A digest of the environment, and of the state of paths outside of the tree."""
    hasher = _md5()
    for name in sorted(os.environ):
        if name not in _VOLATILE:
            hasher.update(os.fsencode(f"{name}={os.environ[name]}") + b"\0")
    for path in outside:
        try:
            status = os.stat(path)
            hasher.update(b"%s\0%d %d %d\0" % (os.fsencode(path), status.st_ino, status.st_mtime_ns, status.st_size))
        except OSError:
            hasher.update(os.fsencode(path) + b" is not there\0")
    return str(hasher.hexdigest())


def _is_left_out(folder: str, name: str, project: str) -> bool:
    """What the answer does not depend on: Git's own files (asked of Git), bytecode, and our tables and cache, whose folders are looked at one by one."""
    if name in _LEFT_OUT or (folder == project and name in (".git", ".venv")):
        return True
    return folder == f"{project}/.dvc" and name in ("tmp", "cache")


def _is_taken(project: str) -> bool:
    """Whether a run is going on."""
    import fcntl

    try:
        descriptor = os.open(f"{project}/.dvc/tmp/ferrata.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
    finally:
        os.close(descriptor)


def _file(project: str) -> str:
    return f"{project}/.dvc/tmp/ferrata/instant.json"


def _md5() -> Any:
    try:
        from _md5 import md5  # type: ignore[import-not-found]  # hashlib loads OpenSSL, which takes longer than all that is digested here
    except ImportError:
        from hashlib import md5
    return md5(usedforsecurity=False)


def output_of(arguments: list[str], folder: str, environment: Mapping[str, str]) -> bytes | None:
    """What a program writes, without the time that `subprocess` takes to load; None where it fails."""
    read, write = os.pipe()
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        actions = [(os.POSIX_SPAWN_DUP2, nowhere, 0), (os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)]
        here = os.getcwd()
        os.chdir(folder)
        try:
            process = os.posix_spawn(arguments[0], arguments, dict(environment), file_actions=actions)
        finally:
            os.chdir(here)
    except OSError:
        os.close(read)
        return None
    finally:
        os.close(write)
        os.close(nowhere)
    with open(read, "rb") as stream:
        output = stream.read()
    _, waited = os.waitpid(process, 0)
    return output if os.waitstatus_to_exitcode(waited) == 0 else None


def shown(answer: Mapping[str, Any], is_terminal: bool) -> str | None:
    """The text for this standard output; None where it would have to be wrapped."""
    if not is_terminal:
        return str(answer["plain"])
    if os.get_terminal_size(sys.stdout.fileno()).columns < answer["width"]:
        return None
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return str(answer["plain"] if is_plain else answer["painted"])
