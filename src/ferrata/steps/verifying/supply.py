"""Data for the clone: from the remote that the clone itself names; only where it names none, from the author's cache, and that is said."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.records.verification import Obstacle, without_secret
from ferrata.steps.verifying.copy import Copy
from ferrata.store import workspace
from ferrata.store.cache import Cache
from ferrata.store.config import CacheConfig, RemoteConfig, read_config, set_value
from ferrata.store.remotes import transfer
from ferrata.store.remotes.named import Named, read_named
from ferrata.store.remotes.remote import FolderRemote, Remote, open_remote

_SHOWN = 5
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Supply:
    """`words` say where data is taken from; `remote` is None where there is nowhere to take it from. `is_shared`: it is a remote, and not a cache."""

    remote: Remote | None
    words: str
    is_shared: bool
    obstacles: tuple[Obstacle, ...] = ()


def find_supply(copy: Copy, project: Path | None) -> Supply:
    """ProjectError for settings that cannot be read or are not known. The clone's own cache is empty, wherever the settings put it."""
    local = copy.project / ".dvc" / "config.local"
    set_value(local, "cache", "dir", str(copy.folder / "cache"), is_private=True)
    named = [each for each in read_named(copy.project) if each.md5]
    committed = _committed(copy.project)
    if committed is None:
        return _from_cache(project, is_needed=bool(named))
    found = [*_credentials(copy, committed.name, project), *_place_of(committed)]
    config = replace(read_config(copy.project).remote(committed.name), url=committed.url)
    elsewhere = _committed(project) if project else None
    if elsewhere is not None and elsewhere.name == config.name and elsewhere.url != config.url and not Path(config.url).exists():
        found.append(_relative(config.name))
        config = replace(config, url=elsewhere.url)
    return Supply(open_remote(config), f"the remote {config.name} ({without_secret(config.url)})", True, tuple(found))


def _committed(root: Path) -> RemoteConfig | None:
    """The default remote, as the file that is in Git names it."""
    config = read_config(root, files=(root / ".dvc" / "config",))
    try:
        return config.remote()
    except ProjectError:
        return None


def _from_cache(project: Path | None, *, is_needed: bool) -> Supply:
    if not is_needed:
        return Supply(None, "no data is tracked", False)
    own = read_config(project).remotes if project else {}
    where = ".dvc/config.local, or your own settings" if own else ".dvc/config"
    what = "The data is shared nowhere: the committed settings name no remote"
    missing = Obstacle("no-remote", what, where, "Add one and push: ferrata remote add URL, ferrata push; then commit .dvc/config.")
    if project is None:
        return Supply(None, "nowhere", False, (missing,))
    return Supply(FolderRemote(read_config(project).cache.folder), "this project's own cache, as there is no remote", False, (missing,))


def _credentials(copy: Copy, name: str, project: Path | None) -> Iterable[Obstacle]:
    """What `.dvc/config.local` has for this remote goes along, but for its address."""
    local = read_config(project, files=(project / ".dvc" / "config.local",)) if project else None
    options = dict(local.remotes[name].options) if local and name in local.remotes else {}
    for key, value in options.items():
        set_value(copy.project / ".dvc" / "config.local", f'remote "{name}"', key, value, is_private=True)
    if options:
        what = f"The remote {name} was reached with {', '.join(sorted(options))} of your .dvc/config.local, which is not in Git"
        yield Obstacle("credentials", what, ".dvc/config.local", "Give a colleague credentials of their own; docs/share.md says where they go.", False)


def _place_of(config: RemoteConfig) -> Iterable[Obstacle]:
    if "://" not in config.url or config.url.startswith("file://"):
        what = f"The remote {config.name} is a folder: others reach it only where it is mounted at the same place"
        yield Obstacle("remote-is-folder", what, ".dvc/config", "Mount it there, or add a remote that a network reaches.", False)


def _relative(name: str) -> Obstacle:
    what = f"The remote {name} is a folder that is named relative to the project, and a clone somewhere else does not find it"
    return Obstacle("remote-is-relative", what, ".dvc/config", "Name the folder by its whole path, or add a remote that a network reaches.")


def fetch(copy: Copy, supply: Supply, stages: Sequence[Stage], project: Path | None, progress: Progress) -> tuple[bool, list[Obstacle]]:
    """Put the tracked data in its place, and what frozen stages gave into the cache. Whether everything that the stages need is there."""
    frozen = {stage.name for stage in stages if stage.is_frozen}
    needed = [each for each in read_named(copy.project) if each.md5 and (not each.stage or each.stage in frozen)]
    cache = Cache(copy.project, read_config(copy.project).cache)
    if supply.remote is None or not needed:
        return not needed, []
    done = transfer.pull(cache, supply.remote, {each.md5 for each in needed}, progress=progress)
    absent = {*done.missing, *done.damaged}
    obstacles = [_lacking(each, copy, supply, project, done) for each in needed if _parts(cache, each) & absent]
    for each in needed:
        if not each.stage and not _parts(cache, each) & absent:
            workspace.checkout(cache, each.md5, each.path, is_executable=each.is_executable, progress=progress)
    return not obstacles, obstacles


def _parts(cache: Cache, named: Named) -> set[str]:
    is_listed = named.md5.endswith(".dir") and not cache.missing([named.md5])
    return {named.md5, *(md5 for md5, _ in cache.listing(named.md5))} if is_listed else {named.md5}


def _lacking(named: Named, copy: Copy, supply: Supply, project: Path | None, done: transfer.Transfer) -> Obstacle:
    path, where = (Path(os.path.relpath(place, copy.project)).as_posix() for place in (named.path, named.source))
    if named.md5 in done.damaged:
        return Obstacle("damaged-object", f"{path} is damaged in {supply.words}", where, "From a copy that has it whole: ferrata push --verify.")
    is_here = project is not None and not Cache(project, read_config(project).cache).missing([named.md5])
    todo = "It is in your cache: ferrata push." if is_here else "Push it from a copy of the project that has it: ferrata push."
    return Obstacle("missing-object", f"{path} is not in {supply.words}", where, todo)


def unpushed_results(copy: Copy, supply: Supply, stages: Sequence[Stage]) -> list[Obstacle]:
    """Results of stages that a colleague cannot pull; the pipeline makes them again, so that they are only told."""
    frozen = {stage.name for stage in stages if stage.is_frozen}
    named = [each for each in read_named(copy.project) if each.md5 and each.stage and each.is_pushed and each.stage not in frozen]
    if supply.remote is None or not supply.is_shared or not named:
        return []
    there = supply.remote.sizes({each.md5 for each in named})
    lacking = [Path(os.path.relpath(each.path, copy.project)).as_posix() for each in named if each.md5 not in there]
    if not lacking:
        return []
    names = ", ".join(lacking[:_SHOWN]) + (f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else "")
    what = f"Results that dvc.lock names are not in {supply.words}: {names}"
    return [Obstacle("missing-object", what, "dvc.lock", "Send them: ferrata push. Without them a colleague has to run the pipeline.", False)]


def pull_apart(supply: Supply, md5s: Iterable[str], folder: Path) -> Cache:
    """Recorded results for comparison, in a cache of their own that no stage sees."""
    cache = Cache(folder, CacheConfig(folder / "cache", ("copy",)))
    wanted = set(md5s)
    if supply.remote is not None and wanted:
        transfer.pull(cache, supply.remote, wanted)
    return cache
