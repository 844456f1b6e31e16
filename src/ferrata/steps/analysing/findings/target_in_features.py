"""The target is one of the features.

The model then reads the answer off a column: scores near 1.0, and nothing to predict with, because the column is not
known when a prediction is wanted.

Bad:

    X = df.drop(columns=["id"])
    y = df["price"]

Good:

    X = df.drop(columns=["id", "price"])
    y = df["price"]

Certain: `likely`; the column of the target's name is among the feature columns (it may have been overwritten with something else).
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext
from ferrata.steps.analysing.findings.features import feature_tables

CODE = "F104"
NAME = "target-in-features"


def find(context: FindingContext) -> Iterable[Finding]:
    for features in feature_tables(context):
        if features.target and features.target in features.columns and len(features.columns) > 1:
            where, name = context.place_of(features.step), features.name
            yield Finding(
                CODE, NAME, where.cell, where.line,
                what=f"`{features.target}` is the target and one of the {len(features.columns)} columns of `{name}` in `{context.text_of(features.step)}`.",
                why="The model can read the answer off this column, so its score is about nothing.",
                todo=f'Leave it out: `{name} = {name}.drop(columns=["{features.target}"])`.', certain="likely",
            )
