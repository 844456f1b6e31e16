"""A model is scored only on rows it was fitted on.

A score on the training rows says how well the model remembers, not how well it does on new rows. Beside a test score it
is normal and useful, and is not reported; alone, or under the name of a test score (the model was fitted on all rows,
or fitted again, before it met `X_test`), it misleads.

Bad:

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model.fit(X, y)
    model.score(X_test, y_test)

Good:

    model.fit(X_train, y_train)
    model.score(X_test, y_test)

Certain: `sure`; the observer compares the scored rows with those that the same object was fitted on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, class_name
from ferrata.steps.analysing.findings.scored import ScoredRows, are_parts_of_one_split, scored_rows

CODE = "F103"
NAME = "test-rows-in-fit"

_ALL = 0.99
_PREDICTS_NEW_ROWS = frozenset({"classifier", "regressor", "search", "network"})


def find(context: FindingContext) -> Iterable[Finding]:
    by_fit: dict[tuple[str, int], list[ScoredRows]] = defaultdict(list)
    for scored in scored_rows(context):
        if scored.fit.call.model in _PREDICTS_NEW_ROWS and not scored.fit.call.receiver_type.startswith("statsmodels"):
            by_fit[scored.fit.call.receiver, scored.fit.trace.index].append(scored)
    told: set[tuple[int, int, str]] = set()
    for group in by_fit.values():
        for finding in _of_one_fit(context, group):
            if (finding.cell, finding.line, finding.name) not in told:
                told.add((finding.cell, finding.line, finding.name))
                yield finding


def _of_one_fit(context: FindingContext, group: list[ScoredRows]) -> Iterator[Finding]:
    if any(scored.seen < _ALL for scored in group) or _is_judged_elsewhere(context, group[0]):
        return
    scored = group[-1]
    if any(are_parts_of_one_split(context, scored.fit, scored.rows_of) for scored in group):
        return
    where = context.place_of(scored.score)
    name = scored.fit.call.receiver_name or class_name(scored.fit.call.receiver_type)
    rows = f"all {scored.rows_of.call.rows:,} rows" if scored.rows_of.call.rows else "all rows"
    fit, fit_cell = context.text_of(scored.fit), context.place_of(scored.fit).cell
    yield Finding(
        CODE, NAME, where.cell, where.line,
        what=f"`{context.text_of(scored.score)}` scores `{name}` on {rows} it was fitted on (`{fit}`, cell {fit_cell}).",
        why="No score of this fit is about rows the model has not seen, so it says how well the model remembers, not how well it predicts.",
        todo=_todo(context, name),
    )


def _todo(context: FindingContext, name: str) -> str:
    if any(context.steps("split")):
        return f"Fit on the training part only: `{name}.fit(X_train, y_train)`, then score `X_test`."
    return "Keep rows back: `X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)`, fit on the first part, score the second."


def _is_judged_elsewhere(context: FindingContext, scored: ScoredRows) -> bool:
    """A model whose class is cross-validated, or also predicted with on unseen rows, has another judge."""
    if any("cross_val" in step.call.function for step in context.steps("score")):
        return True
    token, fitted_at = scored.fit.call.receiver, scored.fit.trace.index
    tests = (step for step in context.steps("predict", "score") if step.call.receiver == token and step.trace.index >= fitted_at)
    return any(step.call.seen is not None and step.call.seen < _ALL and _is_used_in_score(context, step.call.result) for step in tests)


def _is_used_in_score(context: FindingContext, token: str) -> bool:
    return bool(token) and any(token in step.call.arguments.values() for step in context.steps("score"))
