"""What the main model's predictions were made for, and whom to ask for probabilities, where both are at hand when predictions are kept."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ferrata.records.analysis import Model
from ferrata.records.observation import Call, Trace
from ferrata.records.plan import PredictionPlan
from ferrata.steps.planning.predictions import is_repeated, is_top_level, node_at


def with_rows(plan: PredictionPlan | None, model: Model | None, traces: Sequence[Trace], sources: Mapping[int, str]) -> PredictionPlan | None:
    """The plan with `rows` and `model`: plain names or parts of them, which still mean the same at its statement."""
    if plan is None or model is None:
        return plan
    found = next((each for each in _asking(plan, model, traces) if each[1].result or each[1].kind == "score"), None)
    if found is None or not is_top_level(*found) or is_repeated(sources[found[0].index]):
        return plan
    trace, call = found
    node = node_at(sources[trace.index], call)
    if node is None or not node.args or not isinstance(node.func, ast.Attribute) or (call.kind == "predict" and len(node.args) != 1):
        return plan
    rows, receiver = ast.unparse(node.args[0]), ast.unparse(node.func.value)
    # A network's own predictions are probabilities, and asking it again may draw random numbers.
    asked = replace(plan, rows=rows, model="" if call.model == "network" else receiver, made_at=trace.index)
    return asked if _still_mean_the_same(asked, traces) else plan


def _asking(plan: PredictionPlan, model: Model, traces: Sequence[Trace]) -> list[tuple[Trace, Call]]:
    """Calls of the model that made what the metric was given, the last one first; its own `score`, which is given the rows itself."""
    scoring = [call for trace in traces if trace.index == plan.statement for call in trace.calls if call.kind == "score"]
    own = [(trace, call) for trace in traces if trace.index == plan.statement for call in trace.calls if call in scoring and _is_own_score(call, model)]
    tokens = {token for call in scoring for token in call.arguments.values()}
    made = [(trace, call) for trace in traces if trace.index <= plan.statement for call in trace.calls
            if call.kind == "predict" and call.receiver == model.token and call.result in tokens and call.function.endswith(".predict")]  # fmt: skip
    is_own = plan.prediction.endswith(")") and ".predict(" in plan.prediction
    return own[::-1] if own and is_own else made[::-1]


def _is_own_score(call: Call, model: Model) -> bool:
    return call.function.endswith(".score") and call.receiver == model.token


def _still_mean_the_same(plan: PredictionPlan, traces: Sequence[Trace]) -> bool:
    texts = [text for text in (plan.rows, plan.model) if text]
    kinds = (ast.Expression, ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Load)
    nodes = [node for text in texts for node in ast.walk(ast.parse(text, mode="eval"))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    later = [trace for trace in traces if plan.made_at < trace.index <= plan.statement]
    return all(isinstance(node, kinds) for node in nodes) and not any(names & {*trace.binds, *trace.mutates, *trace.deletes} for trace in later)
