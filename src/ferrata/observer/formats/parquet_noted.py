"""Parquet with notes on what Parquet can't say: a pandas DataFrame, Series or Index, or a one-dimensional object array of strings.

Round-trips: dtypes (object stays object), categories, missing values (nan stays nan, None stays None), any index, names that are not strings, column
levels, `attrs`, the frequency of a date index, and the memory order of a frame of one dtype, on which the last bits of sums depend.
Does not: columns that mix types, duplicate column names, intervals, arbitrary objects in cells, a bare range index.
Other tools read the table and skip the notes. Source: https://parquet.apache.org/docs/file-format/ with pandas' own metadata,
https://pandas.pydata.org/docs/development/developer.html#storing-pandas-dataframe-objects-in-apache-parquet-format
"""

name = "parquet_noted"
suffix = ".parquet"
runs_code = False


def accepts(value):
    import sys

    pd, np = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pd is None:
        return False
    if type(value) is np.ndarray:
        return value.dtype == object and value.ndim == 1 and all(type(item) is str for item in value)
    return type(value) in (pd.DataFrame, pd.Series) or isinstance(value, pd.Index)


def save(value, path):
    """Write a table, a column, an index or an array of strings, with notes on what Parquet can't say."""
    import json

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    kind = type(value).__name__
    if kind == "DataFrame":
        frame = value.copy(deep=False)
    elif kind == "Series":
        frame = value.to_frame("value")
    elif kind == "ndarray":
        frame = pd.DataFrame({"value": value})
    else:
        frame = pd.DataFrame(index=value)
    notes = {"kind": kind, **note_table(frame)}
    if kind == "Series":
        notes["name"] = value.name
    if getattr(value, "attrs", None):
        notes["attrs"] = value.attrs
    frame.attrs = {}
    table = pa.Table.from_pandas(frame)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"notes": json.dumps(notes).encode()}), path)


def load(path):
    """Read what `save_parquet` wrote, or any other Parquet file."""
    import json

    import pyarrow.parquet as pq

    table = pq.read_table(path)
    notes = json.loads(table.schema.metadata.get(b"notes", b'{"kind": "DataFrame"}'))
    frame = restore_table(table.to_pandas(), notes)
    if notes["kind"] == "ndarray":
        return frame["value"].to_numpy(dtype=object)
    if notes["kind"] not in ("DataFrame", "Series"):
        return frame.index
    name = notes.get("name")
    value = frame["value"].rename(tuple(name) if isinstance(name, list) else name) if "name" in notes else frame
    value.attrs = notes.get("attrs", {})
    return value


def note_table(frame):
    """What must be restored after reading: object columns and their kind of missing value, categories that are not text, and so on."""
    import pandas as pd

    notes = {"freq": getattr(frame.index, "freqstr", None)}
    for number, name in enumerate(frame.columns):
        column = frame[name]
        if column.dtype == object:
            has_nan = any(isinstance(cell, float) for cell in column[column.isna()])
            notes.setdefault("objects", []).append([number, "nan" if has_nan else "None"])
        elif str(column.dtype) == "category" and column.cat.categories.dtype.kind in "iufb":
            categories = column.cat.categories.tolist()
            notes.setdefault("categories", []).append([number, categories, bool(column.cat.ordered)])
    if isinstance(frame.columns, pd.RangeIndex):
        notes["columns"] = [frame.columns.start, frame.columns.stop, frame.columns.step]
    if frame.shape[1] > 1 and frame.dtypes.nunique() == 1 and frame.to_numpy().flags.c_contiguous:
        notes["by_rows"] = True
    return notes


def restore_table(frame, notes):
    """The table as it was when `note_table` looked at it."""
    import numpy as np
    import pandas as pd

    for number, missing in notes.get("objects", []):
        column = frame[frame.columns[number]].astype(object)
        frame[frame.columns[number]] = column.where(column.notna(), np.nan if missing == "nan" else None)
    for number, categories, ordered in notes.get("categories", []):
        column = frame[frame.columns[number]]
        frame[frame.columns[number]] = column.astype(pd.CategoricalDtype(categories, ordered))
    if notes.get("freq"):
        frame.index.freq = notes["freq"]
    if notes.get("columns"):
        frame.columns = pd.RangeIndex(*notes["columns"])
    if notes.get("by_rows"):
        frame = pd.DataFrame(np.ascontiguousarray(frame.to_numpy()), index=frame.index, columns=frame.columns)
    return frame


parts = (note_table, restore_table)
