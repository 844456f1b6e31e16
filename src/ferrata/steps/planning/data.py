"""Where the pipeline's input files lie in the project, and the edits that make the code read them there.

A file keeps its place relative to the notebook under `data/` (`train.csv` → `data/train.csv`, `../raw/a.csv` → `data/raw/a.csv`). The literal in the
code that names it (or its folder) is rewritten. Where no literal can be found (a path made at run time), the file keeps its place relative to
the project's root instead, so that the author's own expression still finds it. All of them can be asked to: code that takes a path apart
(`path.split("/")[1]`) finds something else in one that has another beginning.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ferrata.records.observation import Trace
from ferrata.records.plan import Change, DataFile
from ferrata.source.edits import LineTable, node_span


@dataclass(frozen=True)
class _Literal:
    statement: int
    start: int
    end: int
    text: str
    value: str


# More files than these in one folder are one thing, and one line of a pipeline.
_MANY = 10
_TABLES = (".csv", ".tsv", ".txt", ".xls", ".xlsx", ".parquet", ".feather", ".json", ".jsonl")
# Folders that hold what the stages write, too.
_MADE = frozenset(("", "data", "data/prepared", "data/trained", "model", "evaluation", "evaluation/plots"))
# What a project has at its root.
_OWN = frozenset("data evaluation evidence model notebooks src tests readme.md params.yaml dvc.yaml dvc.lock pyproject.toml uv.lock requirements.txt".split())


def place_data(
    kept: Sequence[int], traces: Mapping[int, Trace], sources: Mapping[int, str], cwd: str, inputs: Iterable[str], *, stays: bool = False
) -> tuple[tuple[DataFile, ...], tuple[Change, ...]]:
    """`cwd`: the notebook's folder in the workspace; `inputs`: all files that lay in the workspace before the run (absolute). `stays`: below the project's
    root as below `cwd`, where that can be."""
    inputs = set(inputs)
    places = _Places(cwd, stays=stays)
    while True:
        files, changes = _placed(kept, traces, sources, places, inputs)
        targets = [item.path for item in files]
        if len(set(targets)) == len(targets) or places.is_full:
            return files, changes
        places = _Places(cwd, is_full=True, stays=stays)


@dataclass(frozen=True)
class _Places:
    """Where paths go: short names, or full ones when two files would meet at a short one."""

    cwd: str
    is_full: bool = False
    stays: bool = False

    def target(self, path: str, has_literal: bool) -> str:
        parts = os.path.relpath(path, self.cwd).split(os.sep)
        if self.stays and parts[0] != ".." and parts[0].lower() not in _OWN:
            return "/".join(parts)
        if self.is_full:
            return "/".join(["data", *("parent" if part == ".." else part for part in parts)]) if has_literal else "/".join(p for p in parts if p != "..")
        relative = "/".join(part for part in parts if part not in ("..", "."))
        return "/".join(part for part in ("data", _in_data(relative)) if part) if has_literal else relative


def _placed(
    kept: Sequence[int], traces: Mapping[int, Trace], sources: Mapping[int, str], places: _Places, inputs: set[str]
) -> tuple[tuple[DataFile, ...], tuple[Change, ...]]:
    cwd = places.cwd
    literals = [literal for index in kept for literal in _string_literals(index, sources[index])]
    bases, moves = _working_folders(kept, traces, literals, cwd)
    own_writes: set[str] = set()
    files: dict[str, DataFile] = {}
    changes: dict[tuple[int, int], Change] = {}
    for index in kept:
        read = _absolute(traces[index].files_read, cwd)
        for path in dict.fromkeys((*read, *_absolute(traces[index].files_named, cwd))):
            if path in own_writes or not _is_input(path, inputs) or _holds(path, cwd):
                continue
            found = [literal for literal in literals if literal.statement not in moves and _names(literal.value, path, bases[literal.statement])]
            readers = files[path].readers if path in files else ()
            files[path] = DataFile(path, places.target(path, bool(found)), os.path.isdir(path), (*readers, index) if path in read else readers)
            made = (_change(literal, places, bases[literal.statement]) for literal in found)
            changes.update({(change.statement, change.start): change for change in made if change is not None})
        own_writes |= set(_absolute(traces[index].files_written, cwd))
    removed = {(index, 0): Change(index, 0, len(sources[index]), "") for index in moves}
    return _with_named(_without_nested(_folded(files, cwd)), kept, traces, cwd), tuple({**changes, **removed}.values())


def _working_folders(
    kept: Sequence[int], traces: Mapping[int, Trace], literals: Iterable[_Literal], cwd: str
) -> tuple[dict[int, str], frozenset[int]]:
    """The folder that each statement runs in, and the statements that only change it (`os.chdir("data")`): the pipeline stays in one folder."""
    folder = cwd
    bases: dict[int, str] = {}
    moves: set[int] = set()
    for index in sorted(kept):
        bases[index] = folder
        if "cwd" in traces[index].state:
            targets = [os.path.normpath(os.path.join(folder, literal.value)) for literal in literals if literal.statement == index]
            folder = next((target for target in targets if os.path.isdir(target)), folder)
            moves |= {index} if not traces[index].binds else set()
    return bases, frozenset(moves)


def _absolute(paths: Iterable[str], cwd: str) -> list[str]:
    return [os.path.normpath(os.path.join(cwd, path)) for path in paths]


def _is_input(path: str, inputs: set[str]) -> bool:
    return path in inputs or any(other.startswith(path + os.sep) for other in inputs)


def _holds(path: str, cwd: str) -> bool:
    """The notebook's own folder or one above it: imports list it, and files read from it are named one by one."""
    cwd = os.path.normpath(cwd)
    return path == cwd or cwd.startswith(path + os.sep)


def _in_data(relative: str) -> str:
    """A folder called `data` is the data folder already."""
    parts = PurePosixPath(relative).parts
    return "/".join(parts[1:]) if parts and parts[0].lower() == "data" else relative


def _string_literals(index: int, source: str) -> list[_Literal]:
    table = LineTable(source)
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 1000:
            start, end = node_span(table, node)
            if source[start:end][-1:] in "\"'":
                found.append(_Literal(index, start, end, source[start:end], node.value))
    return found


def _names(value: str, path: str, cwd: str) -> bool:
    """Whether a literal is the path, or a folder that leads to it (then it must look like a folder: `data/`, `../input`, `images`)."""
    value, pattern = _apart(value)
    if value in ("", ".", "/", "./") or "\n" in value or value.startswith(("http:", "https:")):
        return False
    absolute = os.path.normpath(os.path.join(cwd, value))
    if absolute == path:
        return True
    if pattern and os.path.isdir(absolute) and absolute.startswith(path + os.sep):  # the folder above was read, to look for those of the pattern
        return True
    return path.startswith(absolute + os.sep) and os.path.isdir(absolute) and absolute != os.path.normpath(cwd)


def _apart(value: str) -> tuple[str, str]:
    """The folder of a pattern such as `images/*/*.png`, and the pattern in it; a plain path has none."""
    parts = value.split("/")
    first = next((number for number, part in enumerate(parts) if set(part) & set("*?[")), None)
    return (value, "") if first is None else ("/".join(parts[:first]), "/".join(parts[first:]))


def _change(literal: _Literal, places: _Places, base: str) -> Change | None:
    folder, pattern = _apart(literal.value)
    target = places.target(os.path.normpath(os.path.join(base, folder)), True)
    if places.stays and os.path.normpath(folder) == target:
        return None
    if pattern:
        target += f"/{pattern}"
    elif literal.value.endswith(("/", "\\")):
        target += "/"
    quote = literal.text[-1]
    return Change(literal.statement, literal.start, literal.end, f"{quote}{target}{quote}")


def _folded(files: Mapping[str, DataFile], cwd: str) -> dict[str, DataFile]:
    """Of many files in one folder the folder is the data: another draw of rows from the table that names them would read others. Tables are read one by one."""
    groups: dict[str, list[DataFile]] = {}
    for path, item in files.items():
        if not item.is_folder and not path.lower().endswith(_TABLES) and not _holds(os.path.dirname(path), cwd):
            groups.setdefault(os.path.dirname(path), []).append(item)
    folded = dict(files)
    for folder, items in groups.items():
        targets = {os.path.dirname(item.path) for item in items}
        if len(items) > _MANY and len(targets) == 1 and not targets & _MADE:
            folded.setdefault(folder, DataFile(folder, targets.pop(), True))
    return folded


def _with_named(items: tuple[DataFile, ...], kept: Sequence[int], traces: Mapping[int, Trace], cwd: str) -> tuple[DataFile, ...]:
    """With the statements that hold the path of each, of something in it, or of a folder above it."""
    named = {index: _absolute((*traces[index].files_named, *traces[index].paths_named), cwd) for index in kept}
    return tuple(
        replace(item, named_by=tuple(index for index, paths in named.items() if any(_is_on_the_way(path, item.observed) for path in paths))) for item in items
    )


def _is_on_the_way(path: str, other: str) -> bool:
    return path == other or path.startswith(other + os.sep) or other.startswith(path + os.sep)


def _without_nested(files: Mapping[str, DataFile]) -> tuple[DataFile, ...]:
    """A folder that is read as a whole covers the files in it."""
    folders = [path for path, item in files.items() if item.is_folder]
    top = [path for path in files if not any(path != folder and path.startswith(folder + os.sep) for folder in folders)]
    return tuple(replace(files[path], readers=_readers_below(path, files)) for path in top)


def _readers_below(path: str, files: Mapping[str, DataFile]) -> tuple[int, ...]:
    inside = (item.readers for other, item in files.items() if other == path or other.startswith(path + os.sep))
    return tuple(sorted({index for readers in inside for index in readers}))
