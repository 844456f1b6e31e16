"""Feature categories are numbered or one-hot encoded with all rows, test rows included.

The numbers themselves are hardly a leak: the encoder learns only which categories exist. But a category that occurs in
the test rows alone gets a code of its own, so the score says nothing about what happens when a new category arrives,
and a `LabelEncoder` then refuses it. Encoding the target alone is no problem and is not reported.

Bad:

    df["city"] = LabelEncoder().fit_transform(df["city"])
    train, test = train_test_split(df)

Good:

    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(train[["city"]])

Certain: `likely`; it matters only where new categories can come.
"""

from __future__ import annotations

from collections.abc import Iterable

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, Step, class_name, listed
from ferrata.steps.analysing.findings.fitted_before_split import CATEGORY_ENCODERS
from ferrata.steps.analysing.findings.leakage import learned_before, target_names, targets, test_splits

CODE = "F108"
NAME = "encoded-before-split"


def find(context: FindingContext) -> Iterable[Finding]:
    splits = [split for split in test_splits(context) if split.call.kind == "split"]
    encoded = [step for step in context.steps("fit") if class_name(step.call.receiver_type) in CATEGORY_ENCODERS and not _is_target(context, step)]
    found = [step for step in encoded if any(learned_before(context, step, split) for split in splits)]
    if not found:
        return
    where = context.place_of(found[0])
    calls = list(dict.fromkeys(f"`{context.text_of(step)}` (cell {context.place_of(step).cell})" for step in found))
    names = {class_name(step.call.receiver_type) for step in found}
    yield Finding(
        CODE, NAME, where.cell, where.line,
        what=f"Categories of features are encoded before the split: {listed(calls, 3)}.",
        why="A category that only test rows have already has its code, so the score does not show what happens with a category never seen.",
        todo=_todo(names), certain="likely",
    )


def _is_target(context: FindingContext, step: Step) -> bool:
    """The fit's argument or result is `y`, or it names the column that `y` is taken from."""
    tokens = {step.call.arguments.get(key, "") for key in ("0", "y")} | {step.call.result}
    if any(token and targets(context, token) for token in tokens):
        return True
    text = context.text_of(step)
    return any(f"{quote}{column}{quote}" in text or f".{column})" in text for column in target_names(context) for quote in "'\"")


def _todo(names: set[str]) -> str:
    if "OneHotEncoder" in names and len(names) == 1:
        return 'Fit the encoder on the training rows with `OneHotEncoder(handle_unknown="ignore")`.'
    return 'Fit on the training rows, for features with `OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)`.'
