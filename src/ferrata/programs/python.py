"""Commands for a project's own interpreter."""

from __future__ import annotations

from pathlib import Path

from ferrata.records.command import Command

# Columns of a table as arrays without pickles; a column of lists becomes a matrix.
_TABLE_TO_ARRAYS = """
import sys
import numpy as np
import pandas as pd

table = pd.read_parquet(sys.argv[1])
arrays = {}
for name in table.columns:
    values = table[name].tolist()
    array = np.asarray(values)
    arrays[name] = array.astype(str) if array.dtype == object else array
np.savez(sys.argv[2], **arrays)
"""


def table_to_arrays(python: Path, table: Path, target: Path) -> Command:
    """Read a Parquet file with the project's packages and write its columns to an `.npz` file."""
    return Command((str(python), "-c", _TABLE_TO_ARRAYS, str(table), str(target)), why="read predictions", timeout=120)
