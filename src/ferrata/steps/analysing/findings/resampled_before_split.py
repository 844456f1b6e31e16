"""Rows are duplicated or synthesised before the split, so that copies of test rows are trained on.

Oversampling (SMOTE, `RandomOverSampler`, `resample(replace=True)`) before the split puts a row, or a mixture of it with
its neighbours, on both sides. The test score then measures memory. Undersampling copies nothing, but the score is then
for class shares that real data does not have.

Bad:

    X, y = SMOTE(random_state=0).fit_resample(X, y)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)

Good:

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    X_train, y_train = SMOTE(random_state=0).fit_resample(X_train, y_train)

Certain: `sure` when a resampler's result was seen to go into the split; `likely` for `resample`, `sample(replace=True)`
and repeated `concat`, known by their text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ferrata.records.amount import counted
from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, called, class_name, one_line, parsed, runs_later
from ferrata.steps.analysing.findings.leakage import is_cross_validation, learned_before, test_splits, upstream

CODE = "F102"
NAME = "resampled-before-split"

_UNDER = ("Under", "NearMiss", "Tomek", "EditedNearest", "OneSided", "Cleaning", "ClusterCentroids", "InstanceHardness", "AllKNN")
_COMBINED = ("SMOTETomek", "SMOTEENN")


def find(context: FindingContext) -> Iterable[Finding]:
    splits = [split for split in test_splits(context) if split.call.kind == "split" or is_cross_validation(split)]
    for step in context.steps("fit", "transform"):
        split = next((split for split in splits if learned_before(context, step, split)), None) if step.call.model == "resampler" else None
        if split:
            where, kind = context.place_of(step), class_name(step.call.receiver_type)
            rows = f" {counted(step.call.rows, 'row')}" if step.call.rows else " the rows"
            what = f"`{context.text_of(step)}` resamples{rows} with {kind} before `{context.text_of(split)}` (cell {context.place_of(split).cell})."
            yield _finding(where.cell, where.line, what, is_copy=not _is_under(kind), certain="sure")
    for split in [split for split in splits if split.call.kind == "split"][:1]:
        yield from _by_text(context, upstream(context, split), context.place_of(split).cell)


def _by_text(context: FindingContext, needed: frozenset[int], cell: int) -> Iterator[Finding]:
    if any(split.trace.index in needed for split in context.steps("split")):
        return
    for index in sorted(needed):
        for node in _copies(context.sources.get(index, "")):
            where = context.place(index, node.lineno)
            what = f"`{one_line(ast.unparse(node))}` repeats rows before the split in cell {cell}."
            yield _finding(where.cell, where.line, what, is_copy=True, certain="likely")
            break


def _is_under(kind: str) -> bool:
    return kind not in _COMBINED and any(part in kind for part in _UNDER)


def _finding(cell: int, line: int, what: str, *, is_copy: bool, certain: str) -> Finding:
    copied = "Copies of test rows (or mixtures with them) are in the training rows, so the test score is much too good."
    thinned = "The test rows no longer have the class shares of real data, so precision and accuracy will differ in use."
    todo = "Split first, then resample the training part only: `X_train, y_train = sampler.fit_resample(X_train, y_train)`."
    return Finding(CODE, NAME, cell, line, what, copied if is_copy else thinned, todo, certain)


def _copies(source: str) -> Iterator[ast.Call]:
    tree = parsed(source)
    if runs_later(tree):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (_draws_with_replacement(node) or _concatenates_twice(node)):
            yield node


def _draws_with_replacement(node: ast.Call) -> bool:
    replace = next((keyword.value for keyword in node.keywords if keyword.arg == "replace"), None)
    asked = isinstance(replace, ast.Constant) and replace.value is True or replace is None and called(node) == "resample"
    has_size = any(keyword.arg in ("n_samples", "n", "frac") for keyword in node.keywords)
    return called(node) in ("resample", "sample") and asked and has_size


def _concatenates_twice(node: ast.Call) -> bool:
    """`pd.concat([minority] * 5)`, or the same name twice in its list."""
    if called(node) != "concat" or not node.args or _is_sideways(node):
        return False
    first = node.args[0]
    if isinstance(first, ast.BinOp) and isinstance(first.op, ast.Mult):
        return any(isinstance(side, ast.List) for side in (first.left, first.right))
    names = [item.id for item in first.elts if isinstance(item, ast.Name)] if isinstance(first, (ast.List, ast.Tuple)) else []
    return len(names) != len(set(names))


def _is_sideways(node: ast.Call) -> bool:
    values = [keyword.value for keyword in node.keywords if keyword.arg == "axis"]
    return any(isinstance(value, ast.Constant) and value.value in (1, "columns") for value in values)
