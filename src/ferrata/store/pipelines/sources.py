"""The files that feed the pipeline from outside it: data tracked by `.dvc` files, found anywhere in the project."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage, results_of
from ferrata.store import cache
from ferrata.store.ignoring import ignore_for
from ferrata.store.parsed import load_known
from ferrata.store.running.contents import Contents
from ferrata.store.yaml12 import dump_as_dvc, load

_LEFT_OUT = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True)
class Source:
    """One output of a `.dvc` file; `file` and `place` are relative to the project, `row` says what it holds."""

    file: str
    place: str
    row: dict[str, Any]


def find_sources(project: Path, stages: Iterable[Stage] = ()) -> tuple[Source, ...]:
    """All of them but those in folders that these stages write. ProjectError for a second `dvc.yaml` and for what DVC alone can fetch."""
    found: list[Source] = []
    for path in _pipeline_files(project, frozenset(results_of(stages))):
        if path.endswith("/dvc.yaml"):
            folder = posixpath.dirname(path)
            todo = f"Move its stages to the dvc.yaml of the project, with `wdir: {folder}`; `dvc repro` runs them as they are."
            raise ProjectError("A second pipeline in a folder of the project is not supported", where=str(project / path), todo=todo)
        if path.endswith(".dvc"):
            found.extend(_read(project, path))
    return tuple(found)


def bring_in(project: Path, sources: Iterable[Source], contents: Contents) -> tuple[Source, ...]:
    """Check out what is missing and in the cache; what differs is taken as the new data, as DVC does: its `.dvc` file is rewritten. Those that were."""
    changed = []
    for source in sources:
        path = project / source.place
        if not path.exists():
            if contents.is_cached(source.row) and source.row.get("hash") == "md5":
                cache.checkout(project, source.row["md5"], path)
                contents.forget(source.place)
        elif not contents.is_now(source.place, source.row):
            _update(project, source)
            contents.forget(source.place)
            changed.append(source)
    return tuple(changed)


def _update(project: Path, source: Source) -> None:
    content = load((project / source.file).read_text(encoding="utf-8"))
    kept = {key: value for key, value in source.row.items() if key not in ("md5", "size", "nfiles", "isexec", "hash", "files")}
    fields = cache.put(project, project / source.place).fields()
    rows = [{**fields, "hash": "md5", **kept} if row["path"] == source.row["path"] else row for row in content["outs"]]
    draft = project / f"{source.file}.new"
    draft.write_text(dump_as_dvc({**content, "outs": rows}), encoding="utf-8")
    os.replace(draft, project / source.file)


def _pipeline_files(project: Path, results: frozenset[str], folder: str = "") -> Iterator[str]:
    with os.scandir(project / folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    files = {entry.name for entry in listed if entry.is_file()}
    ignore = ignore_for(project, project / folder)
    for entry in listed:
        path = f"{folder}{entry.name}"
        if ignore.leaves_out(entry.name, is_folder=entry.is_dir(follow_symlinks=False)):
            continue
        if entry.is_file():
            if entry.name == "dvc.yaml" or entry.name.endswith(".dvc"):
                yield path
        elif entry.is_dir(follow_symlinks=False) and path not in results and f"{entry.name}.dvc" not in files and not _is_left_out(entry):
            yield from _pipeline_files(project, results, f"{path}/")


def _is_left_out(entry: os.DirEntry[str]) -> bool:
    """Hidden folders, environments, and projects of their own."""
    is_own = any(os.path.exists(os.path.join(entry.path, name)) for name in ("pyvenv.cfg", ".dvc"))
    return entry.name.startswith(".") or entry.name in _LEFT_OUT or is_own


def _read(project: Path, file: str) -> Iterator[Source]:
    path = project / file
    try:
        content = load_known(path, path.read_text(encoding="utf-8"))
        rows = [dict(row) for row in content["outs"]]
        places = [posixpath.normpath(posixpath.join(posixpath.dirname(file), content.get("wdir") or "", row["path"])) for row in rows]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProjectError("This .dvc file does not describe tracked data", where=str(path), todo="Restore it from Git.") from error
    if content.get("cmd"):
        raise ProjectError("A .dvc file with a command is a stage of DVC 0", where=str(path), todo="Move it to dvc.yaml.")
    if content.get("deps"):
        kind = "a repository" if any("repo" in dep for dep in content["deps"]) else "an address"
        todo = f"`dvc update {file}` fetches it; to keep it as it is, remove `deps` from the file."
        raise ProjectError(f"Importing from {kind} is not supported", where=str(path), todo=todo)
    yield from (Source(file, place, row) for place, row in zip(places, rows, strict=True))
