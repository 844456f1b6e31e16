"""Which rows each score of a model is about, and how many of them the model was fitted on."""

from __future__ import annotations

from dataclasses import dataclass

from ferrata.dataflow.calls import is_model_fit
from ferrata.steps.analysing.findings.context import FindingContext, Step
from ferrata.steps.analysing.findings.leakage import is_cross_validation


@dataclass(frozen=True)
class ScoredRows:
    """A score and the call that saw its rows (the score itself, or the `predict` whose result it got). `seen`: share of them that `fit` was given."""

    score: Step
    rows_of: Step
    fit: Step
    seen: float


def scored_rows(context: FindingContext) -> list[ScoredRows]:
    """In the order of the scores; only those whose rows were compared with the fit's."""
    fits: dict[str, Step] = {}
    predicted: dict[str, tuple[Step, Step | None]] = {}
    found = []
    for step in context.steps("fit", "predict", "score"):
        call = step.call
        if is_model_fit(call):
            fits[call.receiver or call.result] = step
        elif call.kind == "predict" and call.result:
            predicted[call.result] = (step, fits.get(call.receiver))
        elif call.kind == "score" and not is_cross_validation(step):
            rows_of, fit = _rows_of(step, fits, predicted)
            if fit and rows_of.call.seen is not None:
                found.append(ScoredRows(step, rows_of, fit, rows_of.call.seen))
    return found


def _rows_of(step: Step, fits: dict[str, Step], predicted: dict[str, tuple[Step, Step | None]]) -> tuple[Step, Step | None]:
    if step.call.receiver in fits:
        return step, fits[step.call.receiver]
    tokens = [token for token in step.call.arguments.values() if token in predicted]
    return predicted[tokens[-1]] if tokens else (step, None)


def are_parts_of_one_split(context: FindingContext, fit: Step, test: Step) -> bool:
    """True when the rows of both come from one split as different parts, so that equal rows are duplicates and no mistake of the author's."""
    ours, theirs = fit.call.argument_names.get("0", ""), test.call.argument_names.get("0", "")
    for split in context.steps("split"):
        bound = set(split.trace.binds)
        if ours != theirs and {ours, theirs} <= bound and fit.call.model != "search":
            return True
    return _parts_by_token(context, fit, test)


def _parts_by_token(context: FindingContext, fit: Step, test: Step) -> bool:
    tokens = fit.call.arguments.get("0", ""), test.call.arguments.get("0", "")
    for split in context.steps("split"):
        parts = {value.token for value in split.trace.values if value.name in split.trace.binds}
        if tokens[0] != tokens[1] and set(tokens) <= parts:
            return True
    return False
