"""Windows of a series: each place of a window is a column of what is asked about, and the statement that cuts windows lays them side by side."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from ferrata.records.derivation import Facts, Unit
from ferrata.records.observation import Site
from ferrata.source.names import statement_names
from ferrata.steps.deriving.rewriting import Rewriter, Stuck, site_of
from ferrata.steps.deriving.slices import Slice, rewriter_of

LONGEST = 200  # rows of a window, each of them a column of what is asked about

HELPERS = '''def windows_of(table):
    """One row for each LENGTH rows of the table that stand STEP rows apart; `(t-1)` names what stands in the last of them."""
    count = len(table) - (LENGTH - 1) * STEP
    if count < 1:
        raise ValueError(f"{len(table)} rows are fewer than the {(LENGTH - 1) * STEP + 1} of a window")
    return pd.DataFrame({
        f"{name}(t-{back})": table[name].to_numpy()[(LENGTH - 1) * STEP + 1 - back :][:count]
        for name in table.columns for back in range((LENGTH - 1) * STEP + 1, 0, -STEP)
    })


def in_order(windows):
    """The rows of the data file in each window, one below the other."""
    names = dict.fromkeys(name.rpartition("(t-")[0] for name in COLUMNS)
    lags = {name: [f"{name}(t-{back})" for back in range((LENGTH - 1) * STEP + 1, 0, -STEP)] for name in names}
    return pd.DataFrame({name: windows[columns].to_numpy().reshape(-1) for name, columns in lags.items() if columns[0] in windows.columns})
'''


def constants(length: int, step: int) -> str:
    """The lines of predict.py that say which rows belong to a window."""
    return (
        f"# Rows of the data file in a window, each row of it a column of what is asked about.\nLENGTH = {length}\n"
        f"# From one of these rows to the next.\nSTEP = {step}"
    )


def length_of(facts: Facts) -> int:
    """How many rows of the data file a question has: 0 where it is one row."""
    return int((facts.answer.get("windows") or {}).get("length", 0))


def table_of(facts: Facts) -> int:
    """The number of the place whose value is the table that is read."""
    return int((facts.answer.get("windows") or {"table": facts.answer["root"]})["table"])


def step_of(facts: Facts) -> int:
    """How many rows there are from one place of a window to the next."""
    return int((facts.answer.get("windows") or {}).get("step", 1))


def lags(columns: Sequence[str], length: int, step: int) -> dict[str, list[str]]:
    """For each column of the data file those of a question, the first row of the window first."""
    return {name: [f"{name}(t-{back})" for back in range((length - 1) * step + 1, 0, -step)] for name in columns}


def window_units(found: Slice, index: int, source: str) -> list[Unit] | None:
    """What lays the windows of each needed name side by side; None where the statement cuts none."""
    cut = {name: how for name, how in found.facts.windows.get(index, {}).items() if name in found.needed and (how["length"], how["step"]) == _wanted(found)}
    units = []
    for name, how in cut.items():
        if how["length"] > LONGEST:
            raise Stuck(f"windows of {how['length']} rows are too long to be asked for: at most {LONGEST} are")
        text = f"{name} = {_laid(_series(rewriter_of(found, index, source), how), how)}"
        units.append(Unit(index, text, frozenset({name}), statement_names(text).reads))
    return units or None


def _wanted(found: Slice) -> tuple[int, int]:
    return length_of(found.facts), step_of(found.facts)


def _series(rewriter: Rewriter, how: Mapping[str, Any]) -> str:
    if "name" in how:
        return str(how["name"])
    place = Site(*how["site"])
    node = next((each for each in ast.walk(ast.parse(rewriter.source)) if isinstance(each, ast.expr) and site_of(each) == place), None)
    if node is None:
        raise Stuck("the series that the windows are cut from could not be told")
    return rewriter.text(node)


def _laid(series: str, how: Mapping[str, Any]) -> str:
    column = f"[:, {how['column']}]" if how["column"] is not None else ""
    kind = f'.astype("{how["dtype"]}")' if how["dtype"] else ""
    text = f"np.asarray({series}){column}.reshape({', '.join(map(str, (-1, *how['shape'])))}){kind}"
    return {"list": f"list({text})", "lists": f"{text}.tolist()"}.get(how["kind"], text)
