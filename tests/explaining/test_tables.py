"""Tables: what differs is told apart, any choice of it is written back, and hashes of cells are enough to see it."""

from __future__ import annotations

import pytest

from ferrata.steps.explaining.narrowing import smallest
from ferrata.steps.explaining.tables import (
    Choice,
    Compared,
    Table,
    compare_tables,
    hashed,
    print_of,
    table_of,
    table_of_print,
    with_choice,
)

BASE = b"id,name,x\n1,a,1.5\n2,b,2.5\n3,c,3.5\n4,d,4.5\n"
PAIRS = {
    "the same": (BASE, Choice()),
    "line ends": (BASE.replace(b"\n", b"\r\n"), Choice(form=True)),
    "a mark of the encoding": (b"\xef\xbb\xbf" + BASE, Choice(form=True)),
    "another delimiter": (BASE.replace(b",", b";"), Choice(form=True)),
    "no end of the last line": (BASE[:-1], Choice(form=True)),
    "an edited cell": (BASE.replace(b"2.5", b"9"), Choice(edits={"x": frozenset({1})})),
    "a row less": (BASE.replace(b"3,c,3.5\n", b""), Choice(removed=frozenset({2}))),
    "a row more": (BASE.replace(b"3,c", b"9,z,0\n3,c"), Choice(added=frozenset({2}))),
    "another order": (b"id,name,x\n4,d,4.5\n2,b,2.5\n3,c,3.5\n1,a,1.5\n", Choice(order=True)),
    "columns in another order": (b"name,id,x\na,1,1.5\nb,2,2.5\nc,3,3.5\nd,4,4.5\n", Choice(columns=True)),
    "a column more": (b"id,name,x,y\n1,a,1.5,7\n2,b,2.5,8\n3,c,3.5,9\n4,d,4.5,0\n", Choice(columns=True)),
    "a column less": (b"id,x\n1,1.5\n2,2.5\n3,3.5\n4,4.5\n", Choice(columns=True)),
}


def read(content: bytes) -> Table:
    table = table_of(content)
    assert table is not None
    return table


def chosen(found: Compared) -> Choice:
    """Everything that was found."""
    columns = bool(found.new_columns or found.lost_columns or found.is_other_order)
    edits = {name: frozenset(rows) for name, rows in found.edits.items()}
    return Choice(bool(found.form), columns, found.is_reordered, edits, frozenset(found.removed), frozenset(found.added))


@pytest.mark.parametrize(("content", "choice"), PAIRS.values(), ids=PAIRS)
def test_each_difference_is_told_and_can_be_written(content: bytes, choice: Choice) -> None:
    here, there = read(BASE), read(content)
    found = compare_tables(here, there)
    assert chosen(found) == choice
    assert with_choice(here, there, found, choice) == content
    assert with_choice(here, there, found, Choice()) == BASE
    seen = compare_tables(here, table_of_print(print_of(there, "salt")))
    assert chosen(seen) == choice, "hashes are enough to see it"


def test_several_differences_are_written_one_by_one() -> None:
    here, there = read(BASE), read(b"id,name,x\n4,d,4.5\n1,a,7\n2,b,2.5\n")
    found = compare_tables(here, there)
    assert chosen(found) == Choice(order=True, edits={"x": frozenset({0})}, removed=frozenset({2}))
    assert with_choice(here, there, found, Choice(edits={"x": frozenset({0})})) == BASE.replace(b"1.5", b"7")
    assert with_choice(here, there, found, chosen(found)) == b"id,name,x\n4,d,4.5\n1,a,7\n2,b,2.5\n"


def test_what_only_hashes_tell_cannot_be_written() -> None:
    here, there = read(BASE), read(BASE.replace(b"2.5", b"9"))
    found = compare_tables(here, hashed(there, "salt"))
    with pytest.raises(ValueError, match="not at hand"):
        with_choice(here, hashed(there, "salt"), found, chosen(found))


@pytest.mark.parametrize("content", [b"", b"a text of one line\n", b'a,b\n1,"two\nlines"\n', b"a,b\n1\n2,3\n", b"a\x00b,c\n1,2\n"],
                         ids=["nothing", "one line", "a cell of two lines", "rows of other lengths", "bytes"])  # fmt: skip
def test_what_is_no_table_of_one_line_a_row(content: bytes) -> None:
    assert table_of(content) is None


@pytest.mark.parametrize("needed", [{3}, {0, 7}, {1, 2, 6}, set(range(8))], ids=str)
def test_the_smallest_part_that_does_it(needed: set[int]) -> None:
    asked: list[int] = []

    def does(some: list[int]) -> bool:
        asked.append(len(some))
        return needed <= set(some)

    assert set(smallest(list(range(8)), does)) == needed  # type: ignore[arg-type]
    assert len(asked) <= 64
