"""Track data by its content: into the cache, a `.dvc` file for Git, and a line in `.gitignore`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ferrata.errors import ProjectError, UsageError
from ferrata.flow.projects import alone_in, git_root
from ferrata.flow.sharing import progress_of
from ferrata.programs import git
from ferrata.records.sharing import Added, AddedAll
from ferrata.store import cache, init
from ferrata.store.config import read_config
from ferrata.store.drafts import write_text
from ferrata.store.dvcfile import dvcfile_path, dvcfile_text, updated_text
from ferrata.store.ignoring import is_ignored
from ferrata.store.index import find_root
from ferrata.store.remotes.named import Named, read_named, stage_outputs
from ferrata.world import process
from ferrata.world.reporter import Reporter


def add(folder: Path, paths: Sequence[Path], reporter: Reporter) -> AddedAll:
    """All paths are checked before the first is added. Errors: ProjectError for a path that cannot be tracked, OutsideError for the disk."""
    root, begun = _root(folder)
    with alone_in(root):
        config = read_config(root)
        places = [Path(os.path.abspath(folder / path)) for path in paths]
        named = read_named(root)
        uses_git = git_root(root) is not None and not config.flag("no_scm")
        for place in places:
            _check(root, place, named, uses_git)
        added = tuple(_add_one(root, place, named, reporter) for place in places)
        ignored = init.ignore(root, (each.path.relative_to(root).as_posix() for each in added)) if uses_git else ()
        if uses_git and config.flag("autostage"):
            files = (*(each.dvcfile for each in added), *ignored)
            process.run(git.add(root, [file.relative_to(root).as_posix() for file in files]), check=True)
    return AddedAll(root, added, ignored, begun)


def _root(folder: Path) -> tuple[Path, tuple[Path, ...]]:
    root = find_root(folder)
    if root is not None:
        return root, ()
    repository = git_root(folder)
    if repository is None:
        raise ProjectError("There is no Git repository here", where=str(folder), todo="Begin one (git init), and run the command again.")
    return repository, init.init(repository)


def _check(root: Path, place: Path, named: Iterable[Named], uses_git: bool) -> None:
    if place.suffix == ".dvc" and place.is_file():
        raise UsageError("This is a .dvc file and no data", where=str(place), todo=f"Add what it describes: ferrata data add {place.stem}.")
    if not place.exists():
        raise ProjectError(f"{place.name} does not exist", where=str(place), todo="Correct the path, or restore the file.")
    if not place.is_relative_to(root) or place == root or {".dvc", ".git"}.intersection(place.relative_to(root).parts):
        raise ProjectError(f"{place.name} is not data of this project", where=str(place), todo=f"Move or copy it into {root}.")
    _check_links(root, place)
    if is_ignored(root, place):
        raise ProjectError(f"{place.name} is ignored by .dvcignore", where=str(place), todo="Remove the pattern, or choose another path.")
    _check_owners(root, place, named)
    if uses_git and process.run(git.tracked(root, place.relative_to(root).as_posix()), check=True).output:
        name = place.relative_to(root).as_posix()
        todo = f"Take it out of Git, and keep the file: git rm -r --cached '{name}' && git commit. Then add it again."
        raise ProjectError(f"{name} is in Git already", where=str(place), todo=todo)


def _check_links(root: Path, place: Path) -> None:
    above = next((each for each in place.parents if each != root and each.is_relative_to(root) and each.is_symlink()), None)
    link = above or (place if place.is_symlink() and place.is_dir() else None)
    if link:
        raise ProjectError(f"{link.name} is a link to a folder", where=str(link), todo="Add the folder that it points to.")


def _check_owners(root: Path, place: Path, named: Iterable[Named]) -> None:
    for stage, folder, pattern in stage_outputs(root):
        relative = os.path.relpath(place, folder)
        if any(pattern.fullmatch(text) for text in (relative, f"{relative}/")):
            raise ProjectError(f"{place.name} is an output of the stage {stage}", where=str(folder / "dvc.yaml"), todo="Run the pipeline to update it.")
    for each in named:
        source = os.path.relpath(each.source, root)
        if each.path == place and each.stage:
            raise ProjectError(f"{place.name} is an output of the stage {each.stage}", where=source, todo="Run the pipeline to update it.")
        if each.path in place.parents:
            todo = f"Add the whole: ferrata data add {os.path.relpath(each.path, root)}."
            raise ProjectError(f"{place.name} lies in {each.path.name}, which is tracked as a whole", where=source, todo=todo)
        if place in each.path.parents:
            todo = f"Remove {source} first, to track the folder as a whole."
            raise ProjectError(f"{each.path.name} in {place.name} is tracked by itself", where=source, todo=todo)


def _add_one(root: Path, place: Path, named: Iterable[Named], reporter: Reporter) -> Added:
    reporter.step(f"Add {place.relative_to(root)}")
    content = cache.put(root, place, progress=progress_of(reporter))
    file = next((each.source for each in named if each.path == place and not each.stage), dvcfile_path(place))
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    text = updated_text(before, content) if before else dvcfile_text(place, content)
    if text != before:
        write_text(file, text)
    state = "added" if not before else "updated" if text != before else "unchanged"
    files = len(content.files) if content.files is not None else None
    reporter.done(state if files is None else f"{state}, {files:,} files")
    return Added(place, file, content.md5, content.size, files, state)
