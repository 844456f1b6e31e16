"""Where the main model's per-row predictions are, as expressions of the author's own code."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ferrata.records.analysis import Model
from ferrata.records.observation import Call, Trace
from ferrata.records.plan import PredictionPlan
from ferrata.steps.planning.comparisons import compared

# Metrics whose second argument is a decision or a value for each row, not a probability or a distance.
_ROW_METRICS = (
    "accuracy", "balanced_accuracy", "f1", "precision", "recall", "confusion_matrix", "classification_report", "mean_squared_error", "root_mean_squared_error",
    "mean_absolute_error", "r2", "explained_variance", "matthews_corrcoef", "cohen_kappa", "jaccard", "mean_absolute_percentage_error",
    "max_error", "hamming_loss",
)


_DATA = ("DataFrame", "Series", "ndarray")


@dataclass
class _Made:
    """What holds the model's predictions: what its calls gave, and what was made of that (a threshold, `argmax`, a list filled in a loop). `predicted`:
    what the calls of any model gave."""

    model: Model | None
    tokens: set[str] = field(default_factory=set)
    predicted: set[str] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def see(self, call: Call) -> None:
        self.predicted |= {call.result} if call.kind == "predict" and call.result else set()
        if call.kind == "predict" and call.result and self.model and call.receiver == self.model.token:
            self.tokens.add(call.result)

    def after(self, trace: Trace) -> None:
        """What a statement binds or fills while it asks the model, or reads a name that holds predictions."""
        asks = any(call.kind == "predict" and self.model and call.receiver == self.model.token for call in trace.calls)
        changed = {*trace.binds, *trace.mutates}
        if self.model and self.model.answered_at == trace.index:
            self.tokens |= {value.token for value in trace.values if value.name == self.model.answer}
        if asks or self.names(trace.reads):
            self.tokens |= {value.token for value in trace.values if value.name in changed}
        self.held.update({value.name: value.token for value in trace.values})
        self.types.update({value.name: value.type for value in trace.values})

    def names(self, names: Collection[str]) -> set[str]:
        return {name for name in names if self.held.get(name) in self.tokens}

    def is_in(self, expression: str) -> bool:
        return bool(self.names({each.id for each in ast.walk(ast.parse(expression)) if isinstance(each, ast.Name)}))


def find_predictions(
    model: Model | None, traces: Sequence[Trace], sources: Mapping[int, str], fitted: Collection[int] = ()
) -> PredictionPlan | None:
    """The last metric, or `score` call, on the main model at the top level of the notebook; without one the last comparison with the truth in plain
    arithmetic; without one the last predictions; without these the last data made of a fitted model (`fitted`: the statements that depend on one). None
    where there is nothing of all this.
    """
    found = by_hand = None
    made = _Made(model)
    for trace in traces:
        for call in trace.calls:
            made.see(call)
            if call.kind == "score" and is_top_level(trace, call) and not is_repeated(sources[trace.index]):
                found = _from_call(trace, call, model, made, sources[trace.index]) or found
        made.after(trace)
        if not is_repeated(sources[trace.index]):
            pair = compared(sources[trace.index], made.names(made.held), made.types)
            by_hand = PredictionPlan(trace.index, *pair) if pair else by_hand
    if model is not None and model.answer and not (found or by_hand):
        return PredictionPlan(model.answered_at, "None", model.answer)
    return found or by_hand or _without_truth(model, traces, sources) or _made_of_the_model(traces, sources, fitted)


def _without_truth(model: Model | None, traces: Sequence[Trace], sources: Mapping[int, str]) -> PredictionPlan | None:
    """Clusters, or predictions that no metric looks at: the last ones that are bound to a plain name."""
    found = None
    for trace in traces:
        for call in trace.calls:
            is_prediction = call.kind == "predict" or call.function.endswith(".fit_predict")
            name = next((v.name for v in trace.values if v.token == call.result and v.name in trace.binds), "")
            is_of_model = model is None or call.receiver == model.token
            if name and is_prediction and is_of_model and is_top_level(trace, call) and not is_repeated(sources[trace.index]):
                found = PredictionPlan(trace.index, "None", name)
    return found


def _made_of_the_model(traces: Sequence[Trace], sources: Mapping[int, str], fitted: Collection[int]) -> PredictionPlan | None:
    """What a notebook that neither predicts nor scores ends with: fitted values, components, labels."""
    found = None
    for trace in traces:
        name = next((v.name for v in reversed(trace.values) if v.name in {*trace.binds, *trace.mutates} and v.type.endswith(_DATA)), "")
        if trace.index in fitted and name and not is_repeated(sources[trace.index]):
            found = PredictionPlan(trace.index, "None", name, is_asked=False)
    return found


def last_results(traces: Mapping[int, Trace], sources: Mapping[int, str], fitted: Collection[int]) -> set[int]:
    """Where a notebook without scores ends: the statements that predict, or the one that makes the last data of a fitted model."""
    predicting = {index for index, trace in traces.items() if any(call.kind == "predict" for call in trace.calls)}
    made = None if predicting else _made_of_the_model(tuple(traces.values()), sources, fitted)
    return predicting | ({made.statement} if made else set())


def is_top_level(trace: Trace, call: Call) -> bool:
    return call.statement in (-1, trace.index)


def is_repeated(source: str) -> bool:
    body = ast.parse(source).body
    return isinstance(body[0], (ast.For, ast.While, ast.FunctionDef, ast.ClassDef, ast.With, ast.If, ast.Try)) or any(
        isinstance(node, (ast.ListComp, ast.DictComp, ast.GeneratorExp, ast.SetComp)) for node in ast.walk(body[0])
    )


def _from_call(trace: Trace, call: Call, model: Model | None, made: _Made, source: str) -> PredictionPlan | None:
    node = node_at(source, call)
    if node is None or model is None:
        return None
    if call.function.endswith(".score") and call.receiver == model.token and len(node.args) >= 2 and isinstance(node.func, ast.Attribute):
        receiver = ast.unparse(node.func.value)
        data, truth = (ast.unparse(argument) for argument in node.args[:2])
        return PredictionPlan(trace.index, truth, f"{receiver}.predict({data})", array=call.predictions)
    return _from_metric(trace, call, made, node)


def _from_metric(trace: Trace, call: Call, made: _Made, node: ast.Call) -> PredictionPlan | None:
    last = call.function.rsplit(".", 1)[-1].removesuffix("_score")
    arguments = _truth_and_prediction(node)
    if last not in _ROW_METRICS or arguments is None:
        return None
    tokens = [call.arguments.get(name, call.arguments.get(place, "")) for name, place in (("y_true", "0"), ("y_pred", "1"))]
    first, second = (token in made.tokens or made.is_in(text) for token, text in zip(tokens, arguments, strict=True))
    if not first and not second:
        return None
    is_swapped = first and not second  # `accuracy_score(y_pred, y_test)`
    is_kept_swapped = tokens[0] in made.predicted and tokens[1] not in made.predicted  # the rule of `observer/calls.py`
    truth, prediction = reversed(arguments) if is_swapped else arguments
    return PredictionPlan(trace.index, truth, prediction, array=call.predictions if is_swapped == is_kept_swapped else "")


def _truth_and_prediction(node: ast.Call) -> tuple[str, str] | None:
    named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    truth = node.args[0] if node.args else named.get("y_true")
    prediction = node.args[1] if len(node.args) > 1 else named.get("y_pred")
    if truth is None or prediction is None or isinstance(truth, ast.Starred) or isinstance(prediction, ast.Starred):
        return None
    return ast.unparse(truth), ast.unparse(prediction)


def node_at(source: str, call: Call) -> ast.Call | None:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == (
            call.site.line, call.site.column, call.site.end_line, call.site.end_column,
        ):
            return node
    return None


