"""Tables in text files (CSV and its like): read, compared row by row, and written again with some of the differences.

A row is its cells, or salted hashes of them where the values themselves are not at hand.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
_LARGEST = 1 << 27
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Form:
    """How the text is written; `ends` is whether its last line has an end."""

    encoding: str
    newline: str
    delimiter: str
    ends: bool

    def differs(self, other: Form) -> list[tuple[str, str, str]]:
        """(what, here, there)"""
        names = {"encoding": (self.encoding, other.encoding), "line ends": (_shown(self.newline), _shown(other.newline)),
                 "delimiter": (_shown(self.delimiter), _shown(other.delimiter)), "end of the last line": (str(self.ends), str(other.ends))}  # fmt: skip
        return [(name, here, there) for name, (here, there) in names.items() if here != there]


def _shown(text: str) -> str:
    return {"\r\n": "CRLF", "\n": "LF", "\r": "CR", "\t": "tab"}.get(text, text)


@dataclass(frozen=True)
class Table:
    """`rows` are cells, or hashes of them where `salt` is not ""; `lines` are the rows as written, empty where they are not at hand."""

    form: Form
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...] = ()
    has_header: bool = True
    salt: str = ""


@dataclass(frozen=True)
class Compared:
    """`pairs` are rows here and there that are one row, in the order here; `edits` the columns in which such a row differs, by row here."""

    form: tuple[tuple[str, str, str], ...]
    new_columns: tuple[str, ...] = ()
    lost_columns: tuple[str, ...] = ()
    is_other_order: bool = False
    pairs: tuple[tuple[int, int], ...] = ()
    edits: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    removed: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    is_reordered: bool = False


@dataclass(frozen=True)
class Choice:
    """Which of the differences are taken: `edits` are rows here by column."""

    form: bool = False
    columns: bool = False
    order: bool = False
    edits: Mapping[str, frozenset[int]] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    added: frozenset[int] = frozenset()


def read_table(path: Path) -> Table | None:
    """None for what is no table of one line a row."""
    if path.suffix.lower() not in SUFFIXES or path.stat().st_size > _LARGEST:
        return None
    return table_of(path.read_bytes(), is_single_column=path.suffix.lower() in (".csv", ".tsv"))


def table_of(content: bytes, *, is_single_column: bool = False) -> Table | None:
    encoding, text = _decoded(content)
    newline = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\r" if "\r" in text and "\n" not in text else "\n"
    lines = text.split(newline)
    ends = lines[-1] == ""
    lines = lines[:-1] if ends else lines
    if not lines or "\x00" in text:
        return None
    delimiter = max(_DELIMITERS, key=lines[0].count)
    rows = _cells(lines, delimiter)
    if rows is None or len(rows) < 2 or (len(rows[0]) < 2 and not is_single_column):
        return None
    has_header = not all(map(_is_number, rows[0])) and len(set(rows[0])) == len(rows[0])
    header = rows[0] if has_header else tuple(map(str, range(1, len(rows[0]) + 1)))
    skipped = 1 if has_header else 0
    if any(len(row) != len(header) for row in rows[skipped:]):
        return None
    return Table(Form(encoding, newline, delimiter, ends), header, tuple(rows[skipped:]), tuple(lines[skipped:]), has_header)


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding, content.decode(encoding, "replace")
    try:
        return "utf-8", content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1", content.decode("latin-1")


def _cells(lines: Sequence[str], delimiter: str) -> list[tuple[str, ...]] | None:
    """None where a row has more than one line."""
    reader = csv.reader(lines, delimiter=delimiter, strict=False)
    try:
        rows = [tuple(row) for row in reader]
    except csv.Error:
        return None
    return rows if len(rows) == len(lines) else None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def hashed(table: Table, salt: str) -> Table:
    """The same without a value."""
    rows = tuple(tuple(hash_of(salt, name, cell) for name, cell in zip(table.header, row, strict=True)) for row in table.rows)
    return Table(table.form, table.header, rows, (), table.has_header, salt)


def hash_of(salt: str, column: str, cell: str) -> str:
    return hashlib.blake2b(f"{salt}\0{column}\0{cell}".encode(), digest_size=5).hexdigest()


def compare_tables(here: Table, there: Table) -> Compared:
    """`there` may be hashes; then `here` is hashed with their salt."""
    left = hashed(here, there.salt) if there.salt and not here.salt else here
    lost = tuple(name for name in left.header if name not in there.header)
    new = tuple(name for name in there.header if name not in left.header)
    shared = [name for name in left.header if name in there.header]
    ours, theirs = _projected(left, shared), _projected(there, shared)
    pairs, removed, added = _aligned(ours, theirs)
    edits: dict[str, dict[int, int]] = defaultdict(dict)
    for one, other in pairs:
        if ours[one] != theirs[other]:
            for name, before, after in zip(shared, ours[one], theirs[other], strict=True):
                if before != after:
                    edits[name][one] = other
    places = [other for _, other in pairs]
    is_other_order = shared != [name for name in there.header if name in left.header]
    return Compared(
        tuple(left.form.differs(there.form)), new, lost, is_other_order, tuple(pairs), dict(edits), tuple(removed), tuple(added),
        any(after < before for before, after in zip(places, places[1:], strict=False)),
    )  # fmt: skip


def _projected(table: Table, names: Sequence[str]) -> list[tuple[str, ...]]:
    if tuple(names) == table.header:
        return list(table.rows)
    places = [table.header.index(name) for name in names]
    return [tuple(row[place] for place in places) for row in table.rows]


def _aligned(ours: Sequence[tuple[str, ...]], theirs: Sequence[tuple[str, ...]]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Equal rows first, in their order; then, of what is left, rows at the same place between equal neighbours; then those with the same first cell."""
    waiting: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(theirs):
        waiting[row].append(place)
    for places in waiting.values():
        places.reverse()
    found = {place: waiting[row].pop() for place, row in enumerate(ours) if waiting.get(row)}
    left = [place for place in range(len(ours)) if place not in found]
    right = sorted(place for places in waiting.values() for place in places)
    found |= _between(left, right, found, len(theirs))
    found |= _by_key([place for place in left if place not in found], sorted(set(right) - set(found.values())), ours, theirs)
    taken = set(found.values())
    return sorted(found.items()), [place for place in left if place not in found], [place for place in right if place not in taken]


def _between(left: Sequence[int], right: Sequence[int], found: Mapping[int, int], count: int) -> dict[int, int]:
    free, pairs = set(right), dict[int, int]()
    for place in left:
        before = pairs.get(place - 1, found.get(place - 1, -1 if place == 0 else None))
        if before is not None and before + 1 in free and _closes(place, before + 1, left, free, found, count):
            pairs[place] = before + 1
            free.discard(before + 1)
    return pairs


def _closes(place: int, other: int, left: Sequence[int], free: set[int], found: Mapping[int, int], count: int) -> bool:
    """Whether as many rows are left here as there until the next pair of equal rows: then each is an edited one, and none was added or removed."""
    gone = set(left)
    while place in gone and other in free:
        place, other = place + 1, other + 1
    return place not in gone and other not in free and (found.get(place, count) == other or place not in found)


def _by_key(left: Sequence[int], right: Sequence[int], ours: Sequence[tuple[str, ...]], theirs: Sequence[tuple[str, ...]]) -> dict[int, int]:
    keys = [row[0] for row in ours if row]
    others = [row[0] for row in theirs if row]
    if len(set(keys)) != len(ours) or len(set(others)) != len(theirs):
        return {}
    by_key = {theirs[place][0]: place for place in right}
    return {place: by_key[ours[place][0]] for place in left if ours[place][0] in by_key}


def with_choice(here: Table, there: Table, compared: Compared, choice: Choice) -> bytes:
    """The text of `here` with the chosen differences. What needs values that are not at hand is a ValueError."""
    form = there.form if choice.form else here.form
    header = there.header if choice.columns else here.header
    order = _order(here, compared, choice)
    rows = [_row(here, there, compared, choice, header, one, other) for one, other in order]
    lines = [*([_line(header, form.delimiter)] if here.has_header else []), *(_written(here, there, form, header, row) for row in rows)]
    text = form.newline.join(lines) + (form.newline if form.ends else "")
    return text.encode(form.encoding, "replace")


def _order(here: Table, compared: Compared, choice: Choice) -> list[tuple[int | None, int | None]]:
    """(row here, row there) of every row to write; what only one side has goes behind its neighbour there."""
    partner = dict(compared.pairs)
    kept = [(one, partner.get(one)) for one in range(len(here.rows)) if one not in choice.removed]
    if choice.order:
        paired = [(one, other) for one, other in kept if other is not None]
        rest = [(one, other) for one, other in kept if other is None]
        kept = [*sorted(paired, key=lambda pair: pair[1] if pair[1] is not None else 0), *rest]
    rows: list[tuple[int | None, int | None]] = list(kept)
    for other in sorted(choice.added):
        place = max((number + 1 for number, pair in enumerate(rows) if pair[1] is not None and pair[1] < other), default=0)
        rows.insert(place, (None, other))
    return rows


Row = tuple[tuple[str, ...], str]


def _row(
    here: Table, there: Table, compared: Compared, choice: Choice, header: tuple[str, ...], one: int | None, other: int | None,
) -> Row:  # fmt: skip
    """Cells, and the line as it was written where it is one side's own."""
    edited = {name for name, rows in choice.edits.items() if one in rows}
    theirs = {name for name in header if name not in here.header}
    needed = edited | theirs if one is not None else set(header)
    if needed and there.salt:
        raise ValueError("the values are not at hand")
    if one is not None and not needed and header == here.header:
        return here.rows[one], here.lines[one]
    differing = {name for name, rows in compared.edits.items() if one in rows}
    if other is not None and header == there.header and (one is None or edited == differing):
        return there.rows[other], there.lines[other]
    cells = tuple(_cell(here, there, name, one, other, name in needed) for name in header)
    return cells, ""


def _cell(here: Table, there: Table, name: str, one: int | None, other: int | None, is_theirs: bool) -> str:
    if (is_theirs or one is None) and other is not None and name in there.header:
        return there.rows[other][there.header.index(name)]
    return here.rows[one][here.header.index(name)] if one is not None and name in here.header else ""


def _written(here: Table, there: Table, form: Form, header: tuple[str, ...], row: Row) -> str:
    cells, line = row
    return line if line and here.form.delimiter == there.form.delimiter == form.delimiter else _line(cells, form.delimiter)


def _line(cells: Iterable[str], delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="").writerow(cells)
    return stream.getvalue()


def is_only_written_otherwise(here: Table, there: Table, compared: Compared, column: str) -> bool:
    """Whether the cells of a column are the same numbers, written in another way ("1" and "1.0"): another dtype, most often."""
    if there.salt:
        return False
    place, other_place = here.header.index(column), there.header.index(column)
    cells = ((here.rows[one][place], there.rows[other][other_place]) for one, other in compared.edits[column].items())
    return all(_is_number(one) and _is_number(other) and float(one) == float(other) for one, other in cells)


def print_of(table: Table, salt: str) -> dict[str, Any]:
    """A fingerprint for a file that leaves the machine: hashes of cells, by column."""
    rows = hashed(table, salt).rows
    columns = {name: "".join(row[place] for row in rows) for place, name in enumerate(table.header)}
    form = [table.form.encoding, table.form.newline, table.form.delimiter, table.form.ends]
    return {"salt": salt, "form": form, "has_header": table.has_header, "columns": columns}


def table_of_print(found: Mapping[str, Any]) -> Table:
    """KeyError, TypeError or ValueError for what is no fingerprint of a table."""
    columns: Mapping[str, str] = found["columns"]
    split = [[text[start : start + 10] for start in range(0, len(text), 10)] for text in columns.values()]
    encoding, newline, delimiter, ends = found["form"]
    form = Form(str(encoding), str(newline), str(delimiter), bool(ends))
    return Table(form, tuple(columns), tuple(zip(*split, strict=True)), (), bool(found["has_header"]), str(found["salt"]))
