"""What a statement's text changes in a table and its content does not show."""

from __future__ import annotations

import pytest

from ferrata.dataflow.idle import is_idle, with_idle_changes
from ferrata.records.observation import Trace, Value
from ferrata.source.names import changed_content

FRAME = Value("df", "pandas.core.frame.DataFrame", "1", "1")
LIST = Value("items", "builtins.list", "2", "2")

TEXTS = {
    "it is only looked at": ("df.describe()", ()),
    "a new table": ("df = df.fillna(0)", ()),
    "another name": ("clean = df.fillna(0)", ()),
    "the labels": ("df.columns = df.columns.str.strip()", ()),
    "no table": ("items.sort()", ()),
    "gaps of a column": ("df['a'] = df['a'].fillna(df['a'].mean())", ("df",)),
    "a column by attribute": ("df.a = df.a.replace(0, 1)", ("df",)),
    "all gaps in place": ("df.fillna(0, inplace=True)", ("df",)),
    "what is beyond": ("df.loc[df['a'] > 9, 'a'] = 9", ("df",)),
    "column after column": ("for name in ['a', 'b']:\n    df[name] = df[name].fillna(0)", ("df",)),
}


@pytest.mark.parametrize(("source", "expected"), TEXTS.values(), ids=TEXTS)
def test_what_the_text_changes(source: str, expected: tuple[str, ...]) -> None:
    binds = {"df = ": ("df",), "clean": ("clean",), "for n": ("name",)}.get(source[:5], ())
    made = Trace(0, binds=("df", "items"), values=(FRAME, LIST))
    traces = with_idle_changes([made, Trace(1, reads=("df", "items"), binds=binds)], lambda index: changed_content(source if index else "df, items = load()"))
    assert traces[1].idle == traces[1].mutates == expected
    assert traces[0] == made and is_idle(traces[1]) == bool(expected)


def test_what_did_change_is_not_idle() -> None:
    traces = with_idle_changes([Trace(0, binds=("df",), values=(FRAME,)), Trace(1, reads=("df",), mutates=("df",))], lambda index: {"df"})
    assert not traces[1].idle and not is_idle(traces[1])
