"""Accuracy is the only score, and one class makes up most of the rows.

Where 90 % of the rows are of one class, always answering that class is 90 % accurate. The score then says little about
the rare class, which is usually the one that matters.

Bad:

    accuracy_score(y_test, model.predict(X_test))          # 0.91, with 90 % of one class

Good:

    balanced_accuracy_score(y_test, model.predict(X_test))
    classification_report(y_test, model.predict(X_test))

Certain: `likely`, when the notebook's own `value_counts()` of the target shows a class with 80 % or more and no other
score or report of a classifier is computed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from ferrata.dataflow.sites import metric_name
from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, called
from ferrata.steps.analysing.findings.leakage import column_of, target_names

CODE = "F110"
NAME = "accuracy-on-imbalanced"

_SHARE = 0.8
_PLAIN = frozenset({"accuracy", "score"})


def find(context: FindingContext) -> Iterable[Finding]:
    scores = list(context.steps("score"))
    metrics = {metric_name(step.call.function) for step in scores}
    classifiers = [step for step in context.steps("fit") if step.call.model == "classifier"]
    if not scores or not classifiers or metrics - _PLAIN or _is_looked_at_otherwise(context):
        return
    share = next(_majorities(context), 0.0)
    if share >= _SHARE:
        where = context.place_of(scores[-1])
        yield Finding(
            CODE, NAME, where.cell, where.line,
            what=f"`{context.text_of(scores[-1])}` is judged by accuracy alone; {share:.0%} of the rows are of one class.",
            why=f"Always answering that class would be {share:.0%} accurate, so the score hides how the rare class is found.",
            todo="Also compute `balanced_accuracy_score(y_test, y_pred)` or print `classification_report(y_test, y_pred)`.", certain="likely",
        )


def _is_looked_at_otherwise(context: FindingContext) -> bool:
    words = ("confusion_matrix", "crosstab", "classification_report", "roc", "recall", "f1")
    return any(word in text for text in context.sources.values() for word in words)


def _majorities(context: FindingContext) -> Iterator[float]:
    """The share of the largest class, where the notebook itself shows `value_counts()` of the target."""
    columns = target_names(context)
    for trace in context.traces:
        for node in ast.walk(context.tree(trace.index)):
            if isinstance(node, ast.Call) and called(node) == "value_counts" and isinstance(node.func, ast.Attribute):
                share = _share(f"{trace.displayed}\n{trace.printed}") if column_of(node.func.value) in columns else None
                if share:
                    yield share


def _share(text: str) -> float | None:
    """Of a printed series: one `value  count` a line."""
    counts: list[float] = [float(match[1]) for match in re.finditer(r"^\S.*?\s{2,}(\d+(?:\.\d+)?)$", text, re.MULTILINE)]
    total = sum(counts)
    return max(counts) / total if len(counts) > 1 and total > 0 else None
