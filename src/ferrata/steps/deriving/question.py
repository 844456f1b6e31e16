"""Which predictions the function must give again: those the plan compares, else what the model answers for the rows it was last asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ferrata.records.observation import Call, Trace
from ferrata.records.plan import Plan, PredictionPlan


def question(plan: Plan, traces: Mapping[int, Trace]) -> PredictionPlan | None:
    """None where the model was never given rows that have a name.

    A helper that fits and scores keeps its predictions to itself; the rows it was given are still there, and so is the model. Rows that the model was only
    fitted on come last.
    """
    return plan.predictions if plan.predictions is not None else last_asked(plan, traces)


def last_asked(plan: Plan, traces: Mapping[int, Trace]) -> PredictionPlan | None:
    """What the model answers for the named rows that it was last given."""
    if plan.model is None or not plan.model.name:
        return None
    order = list(dict.fromkeys(index for stage in plan.stages for index in stage.statements))
    asked = _asked(plan, order, traces, ("predict", "score")) or _asked(plan, order, traces, ("fit",))
    if asked is None:
        return None
    statement, data, array = asked
    return PredictionPlan(statement, "None", f"{plan.model.name}.predict({data})", array=array)


def _asked(plan: Plan, order: Sequence[int], traces: Mapping[int, Trace], kinds: Sequence[str]) -> tuple[int, str, str] | None:
    """The last statement that gives the model rows which a name holds: (statement, name, file of the predictions)."""
    names: dict[str, str] = {}
    found = None
    for index in order:
        held = names | {value.token: value.name for value in traces[index].values}
        names |= {value.token: value.name for value in traces[index].values}
        for call in traces[index].calls:
            data = held.get(_first(call), "")
            if plan.model and call.kind in kinds and call.receiver == plan.model.token and data:
                found = index, data, call.predictions
    if found is None or not _is_bound(plan, order, traces, found[0]):
        return None
    return found


def _is_bound(plan: Plan, order: Sequence[int], traces: Mapping[int, Trace], until: int) -> bool:
    """Whether the model's name holds the model after this statement."""
    held = ""
    for index in order[: order.index(until) + 1]:
        held = next((value.token for value in traces[index].values if plan.model and value.name == plan.model.name), held)
    return plan.model is not None and held == plan.model.token


def _first(call: Call) -> str:
    return call.arguments.get("0") or call.arguments.get("X") or call.arguments.get("x") or ""
