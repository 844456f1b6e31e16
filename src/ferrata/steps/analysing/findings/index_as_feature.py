"""A row number or an identifier is used as a feature.

`Unnamed: 0` is the index of a table that was written with it and read back; `PassengerId`, `customerID` name rows. When
the data is sorted, the row number predicts the target in this file and in no other; otherwise it is noise that trees
like to split on.

Bad:

    df = pd.read_csv("train.csv")          # has Unnamed: 0
    X = df.drop(columns=["target"])

Good:

    df = pd.read_csv("train.csv", index_col=0)
    X = df.drop(columns=["target"])

Certain: `likely`, by the column's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, listed
from ferrata.steps.analysing.findings.features import feature_tables

CODE = "F109"
NAME = "index-as-feature"

_IDENTIFIER = re.compile(
    r"unnamed: 0(\.\d+)?|id|index|row_?(id|no|num|number)|(passenger|customer|client|user|patient|employee|loan|order|record|student|house)[ _]?id"
    r"|(sample|transaction)[ _]?id"
    r"|s\.? ?no\.?|serial[ _]?(no|number)\.?|rownumber|employeenumber",
    re.IGNORECASE,
)


def find(context: FindingContext) -> Iterable[Finding]:
    told: set[str] = set()
    for features in feature_tables(context):
        found = [column for column in features.columns if _IDENTIFIER.fullmatch(column.strip()) and column != features.target and column not in told]
        told |= set(found)
        if found:
            where, quoted = context.place_of(features.step), [f"`{column}`" for column in found]
            yield Finding(
                CODE, NAME, where.cell, where.line,
                what=f"{listed(quoted)} {'is' if len(found) == 1 else 'are'} among the {len(features.columns)} features of `{context.text_of(features.step)}`.",
                why="It numbers or names the rows of this file, so what a model learns from it does not hold for new rows.",
                todo=f"Leave it out: `{features.name} = {features.name}.drop(columns={found!r})`" + _index_column(found) + ".", certain="likely",
            )


def _index_column(found: list[str]) -> str:
    return ", or read the file with `index_col=0`" if any(column.lower().startswith("unnamed") for column in found) else ""
