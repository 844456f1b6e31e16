"""Which rows a prediction function is proved on, seen from those that the model was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ferrata.records.observation import Trace
from ferrata.records.plan import Plan

TEST, TRAINING, ASKED = "the author's test set", "the training rows", "the rows that the notebook asks its model about"


def rows_tested(plan: Plan, traces: Mapping[int, Trace], answer: Mapping[str, Any]) -> str:
    """By their places in the data file, where those of the fit are known too; else by what they hold, which says nothing of twins.

    `answer` is what following the rows gave: `rows`, how many were asked about, and `trained`, how many of them the model was fitted on (None: not known).
    """
    rows, trained = answer.get("rows") or 0, answer.get("trained")
    alike = _alike(plan, traces, rows)
    if trained is None:
        return TRAINING if _asks_nothing(plan, traces) else _by_content(alike, rows)
    if trained == 0:
        return TEST + (f" ({_many(alike, rows)} of its rows have an identical twin among the training rows)" if alike else "")
    return TRAINING if trained == rows else f"the author's own rows, {trained:,} of which the model was fitted on"


def _asks_nothing(plan: Plan, traces: Mapping[int, Trace]) -> bool:
    """Whether the notebook asks no model for anything: then the rows are those of the fit. Networks of torch and forecasts are asked without `predict`."""
    is_known = plan.model is not None and plan.model.kind not in ("network", "forecaster")
    return is_known and not any(call.kind in ("predict", "score") for trace in traces.values() for call in trace.calls)


def _many(share: float, rows: int) -> str:
    """How many that are; the share where it is not known of how many rows."""
    return f"{round(share * rows):,}" if rows else f"{share:.1%}"


def _by_content(alike: float | None, rows: int) -> str:
    if alike is None:
        return ASKED
    if alike in (0, 1):
        return TRAINING if alike else TEST
    return f"{ASKED}, {_many(alike, rows)} of which are also, or have an identical twin, among the training rows"


def _alike(plan: Plan, traces: Mapping[int, Trace], rows: int) -> float | None:
    """The share of the rows that are equal to one that the model was fitted on; None where the observer could not tell them."""
    calls = [
        call for trace in traces.values() for call in trace.calls
        if call.kind in ("predict", "score") and plan.model and call.receiver == plan.model.token and call.seen is not None
    ]
    same = [call for call in calls if call.rows == rows] or [call for call in calls if call.kind == "predict"]
    return same[-1].seen if same else None
