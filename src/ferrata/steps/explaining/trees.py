"""The files of a side, put into a folder of the trials: from the project, a commit, what the cache keeps of a run, or an export."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ferrata.errors import FerrataError, OutsideError
from ferrata.programs import git
from ferrata.store import cache
from ferrata.store.cache import open_cache
from ferrata.store.pipelines.pipeline import read_pipeline
from ferrata.store.pipelines.sources import find_sources
from ferrata.world import process


def copy_of_project(project: Path, paths: Iterable[str], target: Path) -> dict[str, str]:
    """The files as they are, and the data beside them. What is lacking: {path: MD5}."""
    for path in paths:
        _copy(project / path, target / path)
    lacking = {}
    for source in find_sources(project, read_pipeline(project)):
        if (project / source.place).exists():
            _copy(project / source.place, target / source.place)
        elif not _from_cache(project, str(source.row.get("md5", "")), target / source.place):
            lacking[source.place] = str(source.row.get("md5", ""))
    return lacking


def copy_of_commit(project: Path, commit: str, target: Path) -> dict[str, str]:
    """OutsideError where Git cannot give it."""
    target.mkdir(parents=True, exist_ok=True)
    archive = target.with_suffix(".tar")
    outcome = process.run(git.archive(project, commit, archive))
    if outcome.status != 0:
        raise OutsideError(f"The files of the commit {commit[:10]} cannot be read", where=str(project), todo=outcome.error.strip() or "See `git fsck`.")
    with tarfile.open(archive) as content:
        content.extractall(target, filter="data")
    archive.unlink()
    return add_data(project, target)


def add_data(project: Path, target: Path, wanted: Mapping[str, str] | None = None) -> dict[str, str]:
    """The data that the `.dvc` files of a copy name, or `wanted` ({place: MD5}), from the project's cache. What is lacking."""
    if wanted is None:
        try:
            sources = find_sources(target, read_pipeline(target))
        except FerrataError:
            return {}
        wanted = {source.place: str(source.row.get("md5", "")) for source in sources}
    return {place: md5 for place, md5 in wanted.items() if not _from_cache(project, md5, target / place) and not _is_as(project, place, md5, target)}


def copy_of_run(project: Path, files: Mapping[str, str], data: Mapping[str, str], target: Path) -> dict[str, str]:
    """What the cache keeps of a run. What is lacking, code or data."""
    target.mkdir(parents=True, exist_ok=True)
    lacking = {path: md5 for path, md5 in files.items() if not _from_cache(project, md5, target / path) and not _is_as(project, path, md5, target)}
    return lacking | add_data(project, target, data)


def copy_of_texts(project: Path, texts: Mapping[str, str], files: Mapping[str, str], target: Path) -> dict[str, str]:
    """An export has the texts of the code; data is taken from the cache or the project where it is the same there."""
    for path, text in texts.items():
        place = (target / path).resolve()
        if place.is_relative_to(target.resolve()):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode("utf-8", "surrogateescape"))
    rest = {path: md5 for path, md5 in files.items() if path not in texts}
    return copy_of_run(project, rest, {}, target)


def _is_as(project: Path, place: str, md5: str, target: Path) -> bool:
    """Whether the project has it as it was, at the same place; then it is copied."""
    from ferrata.store.hashing import digest

    source = project / place
    if not md5 or not source.exists() or not (target / place).resolve().is_relative_to(target.resolve()) or digest(source).md5 != md5:
        return False
    _copy(source, target / place)
    return True


def _from_cache(project: Path, md5: str, target: Path) -> bool:
    """As a file of its own: a trial may change it."""
    if not md5 or not cache.has(project, md5):
        return False
    store = open_cache(project)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if not md5.endswith(".dir"):
            shutil.copyfile(store.path(md5), target)
            return store.is_whole(md5)
        for one, relpath in store.listing(md5):
            (target / relpath).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(store.path(one), target / relpath)
    except FerrataError:
        return False
    return True


def results_at(project: Path, digests: Mapping[str, str], folder: Path) -> None:
    """What stages that never run have given, from the project or its cache."""
    for place, md5 in digests.items():
        if not _is_as(project, place, md5, folder):
            _from_cache(project, md5, folder / place)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        shutil.copy2(source, target)
        target.chmod(target.stat().st_mode | 0o200)


