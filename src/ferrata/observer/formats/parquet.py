"""Parquet as pandas writes it: a DataFrame, or a named Series as a table of one column (noted in `attrs`, which pandas 2.1 and later keep).

Round-trips: numbers, text, times, categories of text, missing values, most indexes and their names, column levels.
Does not: object columns where a newer pandas reads text as `str`, frequencies, memory order, a Series without a name (see `parquet_noted`).
Source: https://parquet.apache.org/docs/file-format/
"""

name = "parquet"
suffix = ".parquet"
runs_code = False


def accepts(value):
    import sys

    pd = sys.modules.get("pandas")
    return pd is not None and type(value) in (pd.DataFrame, pd.Series)


def save(value, path):
    """Write a table, or a column as a table of its own."""
    import pandas as pd

    frame = pd.DataFrame(value)
    frame.attrs = {**value.attrs, "is_column": True} if isinstance(value, pd.Series) else value.attrs
    frame.to_parquet(path)


def load(path):
    """Read what `save_parquet` wrote."""
    import pandas as pd

    frame = pd.read_parquet(path)
    return frame.iloc[:, 0] if frame.attrs.pop("is_column", False) else frame
