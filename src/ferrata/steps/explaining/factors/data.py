"""Data: files that stages read. Of tables rows, columns, order and form are told apart; of anything else whole files.

A trial has the chosen differences written into its copy. What consists of many rows or files can be tried in parts.
"""

from __future__ import annotations

import functools
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ferrata.records.amount import counted
from ferrata.records.explanation import Difference
from ferrata.records.side import Side
from ferrata.steps.explaining.factors.from_git import to_have
from ferrata.steps.explaining.files import files_of, md5_of
from ferrata.steps.explaining.setup import CannotSwap, Setup
from ferrata.steps.explaining.tables import (
    Choice,
    Compared,
    Table,
    compare_tables,
    is_only_written_otherwise,
    read_table,
    table_of_print,
    with_choice,
)

WORDS = ("data",)
_SHOWN = 5
_MANY = 12  # files of one folder that differ in one way are one difference


@dataclass(frozen=True)
class Part:
    """`kind`: `form`, `columns`, `order`, `edited` (of `column`), `removed` and `added` rows, or `files`; `parts` are rows, or paths below `path`."""

    path: str
    kind: str
    column: str = ""
    parts: tuple[int | str, ...] = ()


def find(here: Side, there: Side) -> Iterator[Difference]:
    if here.tree is None or (there.tree is None and not there.prints):
        return
    ours = files_of(here.tree).data
    theirs = (files_of(there.tree).data if there.tree else frozenset()) | there.lacking.keys()
    singles = {path for path in ours & theirs if _is_other(here, there, path)}
    yield from _whole(sorted(ours - theirs), "is not there", "is there", "removed", here, there)
    yield from _whole(sorted(theirs - ours), "is there", "is not there", "added", here, there)
    tables = {path for path in singles if _pair(here, there, path) is not None}
    for path in sorted(tables):
        yield from _of_table(here, there, path)
    yield from _whole(sorted(singles - tables), "other content", "", "changed", here, there)


def _is_other(here: Side, there: Side, path: str) -> bool:
    assert here.tree is not None
    if path in there.lacking:
        return md5_of(here.tree / path) != there.lacking[path]
    assert there.tree is not None
    return (here.tree / path).stat().st_size != (there.tree / path).stat().st_size or md5_of(here.tree / path) != md5_of(there.tree / path)


def _whole(paths: Sequence[str], theirs: str, ours: str, kind: str, here: Side, there: Side) -> Iterator[Difference]:
    folders: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        folders[path.rpartition("/")[0]].append(path)
    for folder, some in folders.items():
        if len(some) >= _MANY:
            why = _lacks(some, there)
            yield Difference("data", f"{folder}: {counted(len(some), 'file')} {kind}", ours, theirs, why, Part(folder, "files", "", tuple(some)), folder)
            continue
        for path in some:
            is_uncommitted = path in here.uncommitted | there.uncommitted
            yield Difference("data", path, ours, theirs, _lacks([path], there), Part(path, "files", "", (path,)), path, is_uncommitted=is_uncommitted)


def _lacks(paths: Sequence[str], there: Side) -> str:
    return "its content is not at hand" if any(path in there.lacking for path in paths) else ""


@functools.lru_cache(maxsize=32)
def _read(path: Path) -> Table | None:
    return read_table(path)


def _pair(here: Side, there: Side, path: str) -> tuple[Table, Table] | None:
    assert here.tree is not None
    ours = _read(here.tree / path)
    if path in there.lacking:
        theirs = table_of_print(there.prints[path]) if path in there.prints else None
    else:
        assert there.tree is not None
        theirs = _read(there.tree / path)
    return (ours, theirs) if ours is not None and theirs is not None else None


_compared: dict[tuple[Path | None, Path | None, str], Compared] = {}


def _compare(here: Side, there: Side, path: str, ours: Table, theirs: Table) -> Compared:
    key = (here.tree, there.tree, path)
    if key not in _compared:
        _compared.clear()
        _compared[key] = compare_tables(ours, theirs)
    return _compared[key]


def _of_table(here: Side, there: Side, path: str) -> Iterator[Difference]:
    pair = _pair(here, there, path)
    assert pair is not None
    ours, theirs = pair
    found = _compare(here, there, path, ours, theirs)
    values = "the other side's values are not at hand" if theirs.salt else ""
    make = functools.partial(_difference, path, path in here.uncommitted | there.uncommitted)
    if found.form:
        said = [", ".join(f"{name} {side}" for name, side in zip((row[0] for row in found.form), column, strict=True)) for column in _columns(found)]
        yield make(f"{path}: how it is written", said[0], said[1], "", Part(path, "form"))
    if found.new_columns or found.lost_columns or found.is_other_order:
        words = _column_words(found)
        yield make(f"{path}: columns", ", ".join(ours.header), ", ".join(theirs.header) + words, values if found.new_columns else "", Part(path, "columns"))
    for name, rows in found.edits.items():
        yield make(*_edit_words(ours, theirs, found, name, path), values, Part(path, "edited", name, tuple(sorted(rows))))
    if found.removed:
        yield make(f"{path}: {_rows(found.removed, 'only here')}", "there are", "are missing", "", Part(path, "removed", "", found.removed))
    if found.added:
        yield make(f"{path}: {_rows(found.added, 'only there')}", "are missing", "there are", values, Part(path, "added", "", found.added))
    if found.is_reordered:
        yield make(f"{path}: order of the rows", f"{len(ours.rows):,} rows", "the same rows in another order", "", Part(path, "order"))


def _columns(found: Compared) -> tuple[list[str], list[str]]:
    return [row[1] for row in found.form], [row[2] for row in found.form]


def _column_words(found: Compared) -> str:
    new = f" (new: {', '.join(found.new_columns)})" if found.new_columns else ""
    return new + (f" (without {', '.join(found.lost_columns)})" if found.lost_columns else "")


def _edit_words(ours: Table, theirs: Table, found: Compared, name: str, path: str) -> tuple[str, str, str]:
    rows = sorted(found.edits[name])
    one, other = rows[0], found.edits[name][rows[0]]
    words = [table.rows[place][table.header.index(name)] if not table.salt else "another value" for table, place in ((ours, one), (theirs, other))]
    if is_only_written_otherwise(ours, theirs, found, name):
        return f"{path}: column {name}, {_rows(rows, 'with the same numbers written otherwise')}", words[0], words[1]
    return f"{path}: column {name}, {_rows(rows, 'edited')}", words[0], words[1]


def _rows(rows: Sequence[int | str], what: str) -> str:
    """Counted from 1, as a person counts the rows below the header."""
    shown = ", ".join(str(int(row) + 1) for row in rows[:_SHOWN]) + (" …" if len(rows) > _SHOWN else "")
    return f"{counted(len(rows), 'row')} {what} ({shown})"


def _difference(path: str, is_uncommitted: bool, name: str, here: str, there: str, why_not: str, part: Part) -> Difference:
    short = [text if len(text) <= 120 else f"{text[:119]}…" for text in (here, there)]
    return Difference("data", name, short[0], short[1], why_not, part, path, is_uncommitted=is_uncommitted)


def parts_of(difference: Difference) -> tuple[int | str, ...]:
    """What it can be tried in parts of; nothing for what is one thing."""
    part = difference.payload
    return part.parts if isinstance(part, Part) and len(part.parts) > 1 else ()


def with_parts(difference: Difference, parts: Sequence[int | str]) -> Difference:
    part: Part = replace(difference.payload, parts=tuple(parts))
    if part.kind == "files":
        name = f"{part.path}: {', '.join(str(path).rpartition('/')[2] for path in parts[:_SHOWN])}{' …' if len(parts) > _SHOWN else ''}"
        return replace(difference, name=name, payload=part)
    what = {"edited": "edited", "removed": "only here", "added": "only there"}[part.kind]
    column = f"column {part.column}, " if part.column else ""
    return replace(difference, name=f"{part.path}: {column}{_rows(parts, what)}", payload=part)


def swap(setup: Setup, chosen: Sequence[Difference]) -> None:
    tables: dict[str, list[Part]] = defaultdict(list)
    for each in chosen:
        part: Part = each.payload
        if part.kind == "files":
            _swap_files(setup, part)
        else:
            tables[part.path].append(part)
    for path, some in tables.items():
        _swap_table(setup, path, some)


def _swap_files(setup: Setup, part: Part) -> None:
    for path in map(str, part.parts):
        source = setup.there.tree / path if setup.there.tree else None
        target = setup.folder / path
        if source is not None and source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        elif path in setup.there.lacking:
            raise CannotSwap("its content is not at hand")
        else:
            target.unlink(missing_ok=True)


def _swap_table(setup: Setup, path: str, parts: Sequence[Part]) -> None:
    pair = _pair(setup.here, setup.there, path)
    assert pair is not None, "it was a table when the differences were looked for"
    ours, theirs = pair
    found = _compare(setup.here, setup.there, path, ours, theirs)
    rows = {kind: frozenset(int(row) for part in parts if part.kind == kind for row in part.parts) for kind in ("removed", "added")}
    edits: dict[str, frozenset[int]] = {}
    for part in parts:
        if part.kind == "edited":
            edits[part.column] = edits.get(part.column, frozenset()) | frozenset(int(row) for row in part.parts)
    kinds = {part.kind for part in parts}
    choice = Choice("form" in kinds, "columns" in kinds, "order" in kinds, edits, rows["removed"], rows["added"])
    try:
        (setup.folder / path).write_bytes(with_choice(ours, theirs, found, choice))
    except ValueError as error:
        raise CannotSwap(str(error)) from error


def todo(difference: Difference, there: Side) -> str:
    kind = difference.payload.kind
    if difference.is_uncommitted or there.kind in ("commit", "record"):
        name = difference.place
        tracked = there.tree is not None and (there.tree / f"{name}.dvc").is_file()
        had = to_have(replace(difference, place=f"{name}.dvc") if tracked else difference, there)
        return f"{had} && ferrata pull" if tracked and had.startswith("git checkout") else had
    if kind == "order":
        return f"Use {difference.place} in the same order, or sort its rows in the code before they are used"
    return f"Use the same {difference.place}: track it by its content (ferrata data add {difference.place}) and share it (ferrata push)"
