"""A scaler, imputer, selector, vectoriser or the like is fitted on rows that are later tested on.

What it learns (means, vocabularies, which columns to keep) then carries facts of the test rows into the features, and
the test score no longer says how the model does on rows it has not seen. For a standard scaler the effect is small; for
a selector or a target encoder it can be the whole score.

Bad:

    X = StandardScaler().fit_transform(X)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

Good:

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

Certain: `sure` when the observed data goes from the fit into a split or a cross-validation; `likely` when the test rows were cut by hand,
or when a `ColumnTransformer` may hold nothing that learns. Encoders that only number categories have a finding of their own (F108).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ferrata.dataflow import graph
from ferrata.dataflow.calls import MODEL_KINDS
from ferrata.records.amount import counted
from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, Step, class_name
from ferrata.steps.analysing.findings.leakage import (
    data_edges,
    is_cross_validation,
    learned_before,
    targets,
    test_splits,
)

CODE = "F101"
NAME = "fitted-before-split"

CATEGORY_ENCODERS = frozenset({"LabelEncoder", "OrdinalEncoder", "OneHotEncoder", "LabelBinarizer", "MultiLabelBinarizer"})
_LEARNS_NOTHING = frozenset({"Normalizer", "FunctionTransformer", "HashingVectorizer", "Binarizer", "PolynomialFeatures", "FeatureHasher"})
_MAY_LEARN_NOTHING = frozenset({"ColumnTransformer", "Pipeline", "FeatureUnion"})
_LEARNED = (
    ("Imputer", "the values it fills in"), ("MinMax", "the smallest and largest values"), ("Scaler", "the centre and the spread"),
    ("TargetEncoder", "the target's means"), ("Vectorizer", "the vocabulary and its frequencies"), ("Tokenizer", "the vocabulary"),
    ("PCA", "the components"), ("SVD", "the components"), ("Select", "the choice of columns"), ("RFE", "the choice of columns"),
    ("Transformer", "what it learned"),
)


def find(context: FindingContext) -> Iterable[Finding]:
    splits = test_splits(context)
    told = set()
    for learned in learning_steps(context):
        split = next((split for split in splits if learned_before(context, learned, split)), None)
        where = context.place_of(learned)
        if where in told:
            continue
        if split:
            told.add(where)
            yield _finding(context, learned, _split_text(context, split), is_sure=class_name(learned.call.receiver_type) not in _MAY_LEARN_NOTHING)
        elif not any(context.steps("split")) and (test := _cut_by_hand(context, learned)):
            told.add(where)
            yield _finding(context, learned, f"the {test.call.rows:,} rows of `{context.text_of(test)}` are among them", is_sure=False)


def learning_steps(context: FindingContext) -> Iterator[Step]:
    """Fits of transformers and selectors that learn from values, but not of those that only turn `y` into numbers."""
    for step in context.steps("fit"):
        name = class_name(step.call.receiver_type)
        if step.call.model in ("transformer", "selector") and name not in CATEGORY_ENCODERS | _LEARNS_NOTHING and not _is_target(context, step):
            yield step


def _is_target(context: FindingContext, step: Step) -> bool:
    tokens = {step.call.arguments.get(key, "") for key in ("0", "X", "y")} | {step.call.result}
    return bool(step.call.result) and targets(context, step.call.result) or "1" not in step.call.arguments and any(t and targets(context, t) for t in tokens)


def _split_text(context: FindingContext, split: Step) -> str:
    call, cell = context.text_of(split), context.place_of(split).cell
    return f"`{call}` (cell {cell}) " + ("tests on parts of them" if is_cross_validation(split) else "takes the test rows from them")


def _cut_by_hand(context: FindingContext, learned: Step) -> Step | None:
    """The prediction or score whose rows and the model's training rows were both in this fit, by their numbers and the data flow."""
    edges = data_edges(context)
    for fit in context.steps("fit"):
        if fit.call.model not in MODEL_KINDS or not fit.call.rows:
            continue
        for test in context.steps("predict", "score"):
            rows = test.call.rows or 0
            if test.call.receiver == fit.call.receiver and _is_other_data(test, fit) and rows + fit.call.rows <= (learned.call.rows or 0):
                if learned.trace.index in graph.before([fit.trace.index], edges) & graph.before([test.trace.index], edges):
                    return test
    return None


def _is_other_data(test: Step, fit: Step) -> bool:
    first = test.call.arguments.get("0", "")
    return bool(test.call.rows) and (test.call.seen or 0.0) < 0.5 and bool(first) and first != fit.call.arguments.get("0")


def _finding(context: FindingContext, learned: Step, split: str, *, is_sure: bool) -> Finding:
    kind = class_name(learned.call.receiver_type)
    facts = next((facts for part, facts in _LEARNED if part in kind), "what it learned")
    rows = f" on {counted(learned.call.rows, 'row')}" if learned.call.rows else ""
    where = context.place_of(learned)
    name = learned.call.receiver_name if learned.call.receiver_name.isidentifier() else "it"
    return Finding(
        CODE, NAME, where.cell, where.line,
        what=f"`{context.text_of(learned)}` fits {kind}{rows}; {split}.",
        why=f"{facts[0].upper()}{facts[1:]} come partly from the test rows, so the test score may be better than on new data.",
        todo=_todo(name, kind), certain="sure" if is_sure else "likely",
    )


def _todo(name: str, kind: str) -> str:
    if name == "it":
        return f"Split first and fit the {kind} on the training rows only, or put it in a `Pipeline` with the model."
    return f"Split first, then `{name}.fit(X_train)` and `{name}.transform(…)` for both parts, or put `{name}` in a `Pipeline` with the model."
