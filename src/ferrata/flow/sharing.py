"""Push and pull: the objects that the project's files name, between its cache and a remote."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError
from ferrata.flow.projects import alone_in, project_of
from ferrata.records.sharing import Shared
from ferrata.store import workspace
from ferrata.store.cache import Cache
from ferrata.store.config import RemoteConfig, read_config
from ferrata.store.remotes import transfer
from ferrata.store.remotes.named import Named, read_named
from ferrata.store.remotes.remote import Remote, open_remote
from ferrata.world.disk import project_disk_errors
from ferrata.world.reporter import Reporter

_SHOWN = 5
_PAUSE = 0.5  # seconds between two lines of progress


def push(folder: Path, reporter: Reporter, *, remote: str = "", verify: bool = False) -> Shared:
    """Errors: ProjectError for what the project's files say, OutsideError for the remote, the disk, and objects that are nowhere."""
    root = project_of(folder)
    with project_disk_errors(root):
        config, cache, there = _opened(root, remote)
        named = [each for each in read_named(root) if each.md5 and each.is_pushed and not each.owner]
        reporter.step(f"Push to {config.name}")
        done = transfer.push(cache, there, _digests(named), verify=verify, progress=progress_of(reporter))
    if done.damaged:
        todo = "Pull them back, if the remote has them (ferrata pull), or run the stages that make them; then push again."
        raise ProjectError(f"{_what(cache, named, done.damaged)}: damaged in the cache, and removed from it", where=str(cache.objects), todo=todo)
    if done.missing:
        todo = "Push from a copy of the project that has them, or run the stages that make them."
        raise ProjectError(f"{_what(cache, named, done.missing)}: neither in the cache nor in the remote", where=config.url, todo=todo)
    reporter.done(f"{done.moved:,} sent, {done.present:,} already there")
    return Shared("push", config.name, config.url, len(named), done.moved, done.size, done.present)


def pull(folder: Path, reporter: Reporter, *, remote: str = "", verify: bool = False, force: bool = False) -> Shared:
    """Fetch and check out. What is whole is checked out even where something else is missing. Errors as in `push`."""
    root = project_of(folder)
    with alone_in(root):
        config, cache, there = _opened(root, remote)
        named = [each for each in read_named(root) if each.md5]
        if not force:
            _refuse_losses(cache, root, named)
        reporter.step(f"Pull from {config.name}")
        done = transfer.pull(cache, there, _digests(named), verify=verify, progress=progress_of(reporter))
        reporter.done(f"{done.moved:,} received, {done.present:,} already here")
        reporter.step("Check out")
        changed = _check_out(cache, named, {*done.missing, *done.damaged}, progress_of(reporter))
        reporter.done(f"{len(changed):,} of {len(named):,} outputs changed")
        _refuse_gaps(cache, config, named, done)
    return Shared("pull", config.name, config.url, len(named), done.moved, done.size, done.present, tuple(changed))


def _opened(root: Path, remote: str) -> tuple[RemoteConfig, Cache, Remote]:
    settings = read_config(root)
    config = settings.remote(remote)
    return config, Cache(root, settings.cache), open_remote(config)


def _digests(named: Iterable[Named]) -> set[str]:
    return {each.md5 for each in named}


def _refuse_losses(cache: Cache, root: Path, named: Iterable[Named]) -> None:
    """Files that were edited and are in no cache are not written over."""
    lost = [each.path / name if name else each.path for each in named for name in workspace.unsaved(cache, each.md5, each.path)]
    if lost:
        names = ", ".join(str(path.relative_to(root) if path.is_relative_to(root) else path) for path in lost[:_SHOWN])
        todo = "Keep them: ferrata data add PATH, or run the pipeline. Or give them up: ferrata pull --force."
        raise ProjectError(f"{len(lost):,} changed {'file is' if len(lost) == 1 else 'files are'} nowhere else: {names}", where=str(root), todo=todo)


def _check_out(cache: Cache, named: Sequence[Named], absent: set[str], progress: Callable[[int, int], None]) -> list[Path]:
    changed = []
    for each in named:
        needed = {each.md5} if each.md5 in absent or not each.md5.endswith(".dir") else {row[0] for row in cache.listing(each.md5)}
        is_whole = not (needed | {each.md5}) & absent
        if is_whole and workspace.checkout(cache, each.md5, each.path, is_executable=each.is_executable, progress=progress):
            changed.append(each.path)
    return changed


def _refuse_gaps(cache: Cache, config: RemoteConfig, named: Sequence[Named], done: transfer.Transfer) -> None:
    if done.damaged:
        todo = "From a copy of the project that has them whole: ferrata push --verify."
        raise OutsideError(f"{_what(cache, named, done.damaged)}: damaged in the remote, and not taken", where=config.url, todo=todo)
    expected = [each for each in named if each.is_pushed]
    missing = _all_digests(cache, expected).intersection(done.missing) if done.missing else set()
    if missing:
        owners = sorted({each.owner for each in expected if each.owner and each.md5 in missing})
        todo = f"They come from {', '.join(owners)}: `dvc pull` fetches those." if owners else "Push them from a copy of the project that has them."
        raise OutsideError(f"{_what(cache, expected, missing)}: not in the remote", where=config.url, todo=todo)


def _all_digests(cache: Cache, named: Iterable[Named]) -> set[str]:
    found: set[str] = set()
    for each in named:
        found |= {each.md5, *(md5 for md5, _ in _rows(cache, each))}
    return found


def _rows(cache: Cache, named: Named) -> list[tuple[str, str]]:
    return cache.listing(named.md5) if named.md5.endswith(".dir") and not cache.missing([named.md5]) else []


def _what(cache: Cache, named: Iterable[Named], md5s: Iterable[str]) -> str:
    """The paths that these objects are, as the project's files name them."""
    wanted, found = set(md5s), []
    for each in named:
        if each.md5 in wanted:
            found.append(each.path.name if not each.md5.endswith(".dir") else f"{each.path.name}/ (its listing)")
        found += [f"{each.path.name}/{relpath}" for md5, relpath in _rows(cache, each) if md5 in wanted]
    shown = found or sorted(wanted)
    return ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN:,} more" if len(shown) > _SHOWN else "")


def progress_of(reporter: Reporter) -> Callable[[int, int], None]:
    """Counts, and tells the reporter now and then."""
    files = size = 0
    told = time.monotonic()

    def one(more: int, bytes_read: int) -> None:
        nonlocal files, size, told
        files, size = files + more, size + bytes_read
        if time.monotonic() - told > _PAUSE:
            reporter.detail(f"{files:,} files, {size / 1e6:,.1f} MB")
            told = time.monotonic()

    return one
