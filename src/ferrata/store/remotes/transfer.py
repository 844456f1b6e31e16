"""Push and pull: objects between the cache and a remote, only those that are missing on the other side.

The files of a folder travel before its listing, so that a listing never names what is not there. Each object is done when it has its name: a command
that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ferrata.errors import ProjectError
from ferrata.store.cache import Cache, Progress, discard
from ferrata.store.parallel import each
from ferrata.store.remotes.remote import Moved, Remote


@dataclass
class Transfer:
    """What a push or pull did. `missing`: objects that are at neither place; `damaged`: those that are not what their name says, at their source."""

    moved: int = 0
    size: int = 0
    present: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def push(cache: Cache, remote: Remote, md5s: Iterable[str], *, verify: bool = False, progress: Progress | None = None) -> Transfer:
    """`verify` reads what the remote has, and replaces what is damaged."""
    done = Transfer()
    wanted = set(md5s)
    listings = _listings(cache, {md5 for md5 in wanted if md5.endswith(".dir")}, done)
    files = {md5 for md5 in wanted if not md5.endswith(".dir")}.union(*listings.values())
    _push(cache, remote, files, done, verify, progress)
    lost = {*done.missing, *done.damaged}
    _push(cache, remote, {md5 for md5, rows in listings.items() if not rows & lost}, done, verify, progress)
    return done


def pull(cache: Cache, remote: Remote, md5s: Iterable[str], *, verify: bool = False, progress: Progress | None = None) -> Transfer:
    """Into the cache. `verify` hashes what the cache has, and replaces what is damaged; otherwise only what was written to since it was checked."""
    done = Transfer()
    wanted = set(md5s)
    folders = {md5 for md5 in wanted if md5.endswith(".dir")}
    _pull(cache, remote, folders, done, verify, progress)
    files = {md5 for md5 in wanted if not md5.endswith(".dir")}
    for md5 in folders - {*done.missing, *done.damaged}:
        files |= {row[0] for row in cache.listing(md5)}
    _pull(cache, remote, files, done, verify, progress)
    return done


def _listings(cache: Cache, folders: set[str], done: Transfer) -> dict[str, set[str]]:
    found = {}
    absent = cache.missing(folders)
    for md5 in sorted(folders):
        try:
            found[md5] = set() if md5 in absent else {row[0] for row in cache.listing(md5)}
        except ProjectError:  # damaged, and removed just now
            found[md5] = set()
    return found


def _push(cache: Cache, remote: Remote, md5s: set[str], done: Transfer, verify: bool, progress: Progress | None) -> None:
    there = remote.sizes(sorted(md5s))
    here = cache.sizes(md5s)
    whole = {md5 for md5, size in there.items() if size in (-1, here.get(md5, size)) and (not verify or remote.is_whole(md5))}
    done.missing += sorted(md5s - whole - here.keys())
    done.present += len(whole)
    for moved in remote.send(cache, sorted((md5s & here.keys()) - whole)):
        _note(moved, done, progress)
        if moved.problem == "damaged":
            discard(cache.path(moved.md5))


def _pull(cache: Cache, remote: Remote, md5s: set[str], done: Transfer, verify: bool, progress: Progress | None) -> None:
    absent = cache.missing(md5s)
    checked = each(lambda md5: (md5, cache.is_whole(md5, is_read=verify)), sorted(md5s - absent), threads=cache.threads)
    absent |= {md5 for md5, is_whole in checked if not is_whole}
    done.present += len(md5s) - len(absent)
    for moved in remote.receive(cache, sorted(absent)) if absent else ():
        _note(moved, done, progress)


def _note(moved: Moved, done: Transfer, progress: Progress | None) -> None:
    if moved.problem:
        (done.missing if moved.problem == "missing" else done.damaged).append(moved.md5)
        return
    done.moved += 1
    done.size += moved.size
    if progress:
        progress(1, moved.size)
