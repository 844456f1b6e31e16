"""What runs under pandas 3 and does something else: what must stay, then before and after."""

from __future__ import annotations

from collections.abc import Callable

import pytest

TABLE = ["import pandas as pd", "df = pd.read_csv('a')"]

UNCHANGED = {
    "whole table in place": [*TABLE, "df.fillna(0, inplace=True)"],
    "list of columns was a copy before": [*TABLE, "df[['a', 'b']].fillna(0, inplace=True)"],
    "name of a list of columns": [*TABLE, "cols = ['a', 'b']", "df[cols].fillna(0, inplace=True)"],
    "mask was a copy before": [*TABLE, "df[df.a > 3].fillna(0, inplace=True)"],
    "rows of a column": [*TABLE, "df.loc[df.a > 3, 'x'].fillna(0, inplace=True)"],
    "dropna of a column never changed the table": [*TABLE, "df['x'].dropna(inplace=True)"],
    "not in place": [*TABLE, "df['x'].fillna(0)"],
    "in place is false": [*TABLE, "df['x'].fillna(0, inplace=False)"],
    "dictionary in a dictionary": ["d = {}", "d['a']['b'] = 1"],
    "unknown holder": [*TABLE, "def f(d):\n    d['a']['b'] = 1"],
    "rows first were a copy before": [*TABLE, "df[df.a > 3]['x'] = 1"],
    "loc already": [*TABLE, "df.loc[df.a > 3, 'x'] = 1"],
    "text dtype asked too": [*TABLE, "df.x.dtype == 'object' or df.x.dtype == 'str'"],
    "another dtype": [*TABLE, "df.x.dtype == 'int64'"],
    "select_dtypes takes both": [*TABLE, "df.select_dtypes(include=['object'])"],
    "text by text": [*TABLE, "df['x'].replace('a', 'b')"],
    "number by number": [*TABLE, "df['x'].replace(0, 1)"],
    "number of a text": [*TABLE, "df['x'].astype(int)"],
}

CHANGED = {
    "fillna": ([*TABLE, "df['x'].fillna(df['x'].mean(), inplace=True)"], "df['x'] = df['x'].fillna(df['x'].mean())"),
    "in place first": ([*TABLE, "df['x'].fillna(inplace=True, value=0)"], "df['x'] = df['x'].fillna(value=0)"),
    "attribute": ([*TABLE, "df.x.replace('?', 0, inplace=True)"], "df.x = df.x.replace('?', 0).infer_objects()"),
    "loop": ([*TABLE, "for c in df.columns:\n    df[c].fillna(0, inplace=True)"], "for c in df.columns:\n    df[c] = df[c].fillna(0)"),
    "table that a function is given": (
        [*TABLE, "def clean(d):\n    d['x'].fillna(0, inplace=True)\n    return d"],
        "def clean(d):\n    d['x'] = d['x'].fillna(0)\n    return d",
    ),
    "all rows": ([*TABLE, "df.loc[:, 'x'].fillna(0, inplace=True)"], "df.loc[:, 'x'] = df.loc[:, 'x'].fillna(0)"),
    "comment and text after": ([*TABLE, "df['x'].fillna(0, inplace=True)  # done"], "df['x'] = df['x'].fillna(0)  # done"),
    "categories": ([*TABLE, "df['x'].cat.add_categories(['z'], inplace=True)"], "df['x'] = df['x'].cat.add_categories(['z'])"),
    "mask of a column": ([*TABLE, "df['x'][df['y'] > 3] = 0"], "df.loc[df['y'] > 3, 'x'] = 0"),
    "attribute column": ([*TABLE, "df.x[df.y > 3] = 0"], 'df.loc[df.y > 3, "x"] = 0'),
    "added": ([*TABLE, "df['x'][m] += 1"], "df.loc[m, 'x'] += 1"),
    "position": ([*TABLE, "df['x'].iloc[0] = 1"], "df.iloc[0, df.columns.get_loc('x')] = 1"),
    "slice is by position": ([*TABLE, "df['x'][0:5] = 1"], "df.iloc[0:5, df.columns.get_loc('x')] = 1"),
    "label": ([*TABLE, "df['x'].loc[3] = 1"], "df.loc[3, 'x'] = 1"),
    "dtypes": ([*TABLE, "cols = df.columns[df.dtypes == 'object']"], "cols = df.columns[(df.dtypes == 'object') | (df.dtypes == \"str\")]"),
    "dtype of one": ([*TABLE, "if df[c].dtype == object:\n    pass"], 'if (df[c].dtype == object) | (df[c].dtype == "str"):\n    pass'),
    "not": ([*TABLE, "df.dtypes != 'O'"], "(df.dtypes != 'O') & (df.dtypes != \"str\")"),
    "in a list": ([*TABLE, "df[c].dtype in ['object', 'bool']"], "df[c].dtype in ['object', 'bool', \"str\"]"),
    "inside and": ([*TABLE, "x and df.x.dtype == 'object'"], "x and ((df.x.dtype == 'object') | (df.x.dtype == \"str\"))"),
    "codes": ([*TABLE, "df['s'] = df['s'].replace({'m': 0, 'f': 1})"], "df['s'] = df['s'].replace({'m': 0, 'f': 1}).infer_objects()"),
    "codes of a table": ([*TABLE, "df.replace({'s': {'m': 0}}, inplace=True)"], "df = df.replace({'s': {'m': 0}}).infer_objects()"),
    "dates": ([*TABLE, "pd.to_datetime(df.d).astype('int64')"], "pd.to_datetime(df.d).astype(\"datetime64[ns]\").astype('int64')"),
    "dates of a column": ([*TABLE, "df['d'] = pd.to_datetime(df['d'])", "df['d'].astype(int)"], "df['d'].astype(\"datetime64[ns]\").astype(int)"),
}


@pytest.mark.parametrize("sources", UNCHANGED.values(), ids=UNCHANGED)
def test_stays(sources: list[str], silently_repaired: Callable[..., list[str]]) -> None:
    assert silently_repaired(*sources) == sources


@pytest.mark.parametrize(("sources", "after"), CHANGED.values(), ids=CHANGED)
def test_changes(sources: list[str], after: str, silently_repaired: Callable[..., list[str]]) -> None:
    assert silently_repaired(*sources)[-1] == after


@pytest.mark.parametrize(("sources", "after"), CHANGED.values(), ids=CHANGED)
def test_pandas_2_needs_nothing(sources: list[str], after: str, silently_repaired: Callable[..., list[str]]) -> None:
    assert silently_repaired(*sources, packages={"python": "3.11.7", "pandas": "2.2.3"}) == sources


def test_the_warning_makes_an_unknown_holder_known(silently_repaired: Callable[..., list[str]]) -> None:
    source = "d['a'][d.b > 3] = 1"
    assert silently_repaired(source) == [source]
    assert silently_repaired(source, warnings={0: ("ChainedAssignmentError: A value is being set on a copy",)}) == ["d.loc[d.b > 3, 'a'] = 1"]
