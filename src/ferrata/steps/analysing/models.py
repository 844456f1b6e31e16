"""The models a notebook fits, and which number ranks them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from ferrata.dataflow.calls import is_model_fit
from ferrata.dataflow.sites import metric_name
from ferrata.records.analysis import Model, Score
from ferrata.records.observation import Call, Trace
from ferrata.steps.analysing.score_names import named_apart


def find_models(traces: Sequence[Trace], scores: Sequence[Score]) -> tuple[tuple[Model, ...], tuple[Score, ...]]:
    """Models in the order they were first fitted, and the scores with the model each is about."""
    fits: dict[str, list[tuple[int, Call]]] = {}
    for trace in traces:
        for call in trace.calls:
            if is_model_fit(call):
                fits.setdefault(_fitted(call), []).append((trace.index, call))
    about = {position: _certain_model(score, traces, fits) for position, score in enumerate(scores)}
    saved = _saved_tokens(traces)
    models = tuple(_model(token, found, traces, token in saved) for token, found in fits.items())
    scores = named_apart(scores, models, traces, about)
    scores = tuple(replace(score, model=about[position] or _last_fitted_before(score, traces)) for position, score in enumerate(scores))
    return _ranked(models, scores), scores


def _fitted(call: Call) -> str:
    """The object that holds the fit: the receiver, but for statsmodels, whose models stay as they are and give results."""
    gives_results = call.receiver_type.startswith("statsmodels.") and call.result
    return call.result if gives_results or not call.receiver else call.receiver


def _model(token: str, found: list[tuple[int, Call]], traces: Sequence[Trace], saved: bool) -> Model:
    index, call = found[-1]
    is_top_level = call.statement in (-1, index)
    written = call.receiver_name if is_top_level and call.receiver_name.isidentifier() else ""
    holds_another = any(value.name == written and value.token != token for trace in traces if trace.index == index for value in trace.values)
    return Model(
        token=token, name=_name_of(token, index, traces) or ("" if holds_another else written),
        type=call.receiver_type, kind=call.model, fits=tuple(dict.fromkeys(index for index, _ in found)), saved=saved,
    )


def _name_of(token: str, fitted_at: int, traces: Sequence[Trace]) -> str:
    """The name that still holds the object after its last fit (the latest binding wins)."""
    held: dict[str, str] = {}
    for trace in traces:
        held.update({value.name: value.token for value in trace.values})
        if trace.index == fitted_at:
            return next((name for name in reversed(held) if held[name] == token and not name.startswith("_")), "")
    return ""


def _certain_model(score: Score, traces: Sequence[Trace], fits: Collection[str]) -> str:
    """The model that is the receiver, or whose predictions the metric got; "" when neither is known."""
    if score.model in fits:
        return score.model
    predicted: dict[str, str] = {}
    found = ""  # of a metric in a loop, the last value's
    for trace in traces:
        for call in trace.calls:
            if call.kind == "predict" and call.result:
                predicted[call.result] = call.receiver
            if trace.index == score.runs[-1] and call.kind == "score" and call.site == score.site:
                found = next((predicted[t] for t in call.arguments.values() if predicted.get(t) in fits), "")
    return found


def _last_fitted_before(score: Score, traces: Sequence[Trace]) -> str:
    last = ""
    for trace in traces:
        for call in trace.calls:
            last = _last_fit(call, last)
            if trace.index == score.runs[-1] and call.kind == "score" and call.site == score.site:
                return last
        if trace.index == score.runs[-1]:
            return last
    return last


def _last_fit(call: Call, last: str) -> str:
    return _fitted(call) if is_model_fit(call) else last


def _saved_tokens(traces: Sequence[Trace]) -> set[str]:
    saves = [call for trace in traces for call in trace.calls if call.kind == "save"]
    return {token for call in saves for token in (call.receiver, *call.arguments.values()) if token}


def _ranked(models: Sequence[Model], scores: Sequence[Score]) -> tuple[Model, ...]:
    metric = _main_metric(scores)
    return tuple(_with_score(model, metric, scores) for model in models)


def _main_metric(scores: Sequence[Score]) -> str:
    """The plain metric that most models have a value of."""
    counts = Counter(metric for metric, _ in {(metric_name(s.function), s.model) for s in scores if s.function and not s.is_structured})
    return counts.most_common(1)[0][0] if counts else ""


def _with_score(model: Model, metric: str, scores: Sequence[Score]) -> Model:
    own = [s for s in scores if s.model == model.token and not s.is_structured and metric and metric_name(s.function) == metric]
    values = [float(v) for s in own for v in s.values if isinstance(v, (int, float)) and not math.isnan(v)]
    return replace(model, main_score=values[-1], main_score_name=metric) if values else model
