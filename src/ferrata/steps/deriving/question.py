"""Which predictions the function must give again: those the plan compares, else what the model answers for the rows it was last asked about."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ferrata.records.analysis import Model
from ferrata.records.observation import Call, Site, Trace
from ferrata.records.plan import Plan, PredictionPlan
from ferrata.steps.deriving.batches import asked_in_batches
from ferrata.steps.deriving.rewriting import site_of

_STEPS = ("start", "end", "dynamic")  # of `plot_predict`, in their order; what else it takes is about the drawing
_OTHER_LEVELS = "statsmodels.tsa.arima_model"  # its `plot_predict` draws the levels, its `predict` gives differences


def questions(plan: Plan, traces: Mapping[int, Trace], sources: Mapping[int, str], *, is_of_images: bool = False) -> tuple[PredictionPlan, ...]:
    """The best first; () where the model was never given rows that can be said again. Of images every batch is seen as it is asked about.

    A helper that fits and scores keeps its predictions to itself; the rows it was given are still there, and so is the model. Rows that the model was only
    fitted on come last, and data that was made of the model without asking it after these. What a model answered before it was fitted again, the project's
    model answers no more: only if nothing else was asked.
    """
    compared = plan.predictions
    is_first = compared is not None and compared.is_asked and not _is_fitted_again(plan, compared.statement)
    found = [compared] if compared is not None and is_first else []
    in_batches = None if is_of_images else asked_in_batches(plan, _order(plan), traces, sources)
    fitted = (_last_fitted(plan, traces, sources), _estimated(plan, sources))
    others = (last_asked(plan, traces, sources), _called(plan, traces, sources), _drawn(plan, sources), in_batches, *fitted)
    for asked in others:
        if asked is not None and asked.prediction not in [each.prediction for each in found]:
            found.append(asked)
    if compared is not None and not is_first and (compared.statement, compared.prediction) not in [(each.statement, each.prediction) for each in found]:
        found.append(compared)
    return tuple(found)


def _order(plan: Plan) -> list[int]:
    return list(dict.fromkeys(index for stage in plan.stages for index in stage.statements))


def _is_fitted_again(plan: Plan, statement: int) -> bool:
    """Whether the author fits the model once more after this statement; the stages may have put what is scored behind every fit."""
    return plan.model is not None and any(fit > statement for fit in plan.model.fits if fit in _order(plan))


@dataclass(frozen=True)
class _Asked:
    """`rows` is how the author says them: a name that holds them, or an expression of names."""

    statement: int
    rows: str
    array: str
    call: Site | None


def last_asked(plan: Plan, traces: Mapping[int, Trace], sources: Mapping[int, str]) -> PredictionPlan | None:
    """What the model answers for the rows that it was last given."""
    if plan.model is None or not plan.model.name:
        return None
    asked = _asked(plan, _order(plan), traces, sources, ("predict", "score"))
    fitted = _last_fitted(plan, traces, sources)
    if asked is None or (fitted is not None and _is_fitted_again(plan, asked.statement)):
        return fitted
    return _plan(plan.model, asked)


def _last_fitted(plan: Plan, traces: Mapping[int, Trace], sources: Mapping[int, str]) -> PredictionPlan | None:
    """What the model answers for the rows that it was last fitted on."""
    asked = _asked(plan, _order(plan), traces, sources, ("fit",)) if plan.model is not None and plan.model.name else None
    return _plan(plan.model, asked) if asked is not None and plan.model is not None else None


def _estimated(plan: Plan, sources: Mapping[int, str]) -> PredictionPlan | None:
    """`results = smf.ols("y ~ a + b", data=df).fit()`, `results = sm.OLS(y, X).fit()`: what the results answer for the rows that the model was made of."""
    model = plan.model
    if model is None or not model.name or not model.type.startswith("statsmodels.") or model.kind == "forecaster":
        return None
    kind, rows, at = model.type.rsplit(".", 1)[-1], "", model.fits[-1]
    for index in (each for each in _order(plan) if each <= at):
        for node in ast.walk(ast.parse(sources[index])):
            rows = (_rows_of_model(node, kind) if isinstance(node, ast.Call) else "") or rows
    return PredictionPlan(at, "None", f"{model.name}.predict({rows})") if rows and at in _order(plan) else None


def _rows_of_model(call: ast.Call, kind: str) -> str:
    """The table of a model's formula, or its regressors; "" for any other call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    if name.lower() != kind.lower():
        return ""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    rows = named.get("data" if name.islower() else "exog") or (call.args[1] if len(call.args) > 1 else None)
    return ast.unparse(rows) if isinstance(rows, (ast.Name, ast.Subscript, ast.Attribute)) else ""


def _plan(model: Model, asked: _Asked) -> PredictionPlan:
    return PredictionPlan(asked.statement, "None", f"{model.name}.predict({asked.rows})", array=asked.array, call=asked.call)


def _called(plan: Plan, traces: Mapping[int, Trace], sources: Mapping[int, str]) -> PredictionPlan | None:
    """`model(inputs).detach().numpy()`, outside of every loop: the last rows that a network of torch is given, with what is done to its answer at once."""
    if plan.model is None or not plan.model.name or plan.model.kind != "network":
        return None
    found = None
    for index in _order(plan):
        body = ast.parse(sources[index]).body
        if body and isinstance(body[0], (ast.Assign, ast.Expr)) and plan.model.name not in traces[index].binds:
            text = _answer_of(body[0], plan.model.name)
            found = PredictionPlan(index, "None", text) if text else found
    return found


def _drawn(plan: Plan, sources: Mapping[int, str]) -> PredictionPlan | None:
    """`plot_predict(results, 1, 264)`, `results.plot_predict(start, end)`: what the last of these drew is what the model predicts for these steps."""
    model = plan.model
    if model is None or not model.name or model.kind != "forecaster" or model.type.startswith(_OTHER_LEVELS):
        return None
    found = None
    for index in _order(plan):
        for node in ast.walk(ast.parse(sources[index])):
            steps = _steps_drawn(node, model.name) if isinstance(node, ast.Call) else None
            found = PredictionPlan(index, "None", f"{model.name}.predict({', '.join(steps)})") if steps else found
    return found


def _steps_drawn(call: ast.Call, model: str) -> list[str] | None:
    """The arguments that say which steps; None for another call, and where it was given more than steps."""
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
    arguments = call.args
    if name != "plot_predict" or any(isinstance(each, ast.Starred) for each in arguments) or any(k.arg in ("exog", "exog_oos", None) for k in call.keywords):
        return None
    if not (isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == model):
        if not arguments or ast.unparse(arguments[0]) != model:
            return None
        arguments = arguments[1:]
    named = [f"{k.arg}={ast.unparse(k.value)}" for k in call.keywords if k.arg in _STEPS]
    return [*map(ast.unparse, arguments[: len(_STEPS)]), *named]


def _answer_of(statement: ast.stmt, model: str) -> str:
    """The call of the model with the methods that follow it; "" where there is none."""
    inside = {id(child): parent for parent in ast.walk(statement) for child in ast.iter_child_nodes(parent)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == model and node.args:
            outer: ast.AST = node
            while isinstance(method := inside.get(id(outer)), ast.Attribute) and isinstance(call := inside.get(id(method)), ast.Call) and call.func is method:
                outer = call
            return ast.unparse(outer)
    return ""


def _asked(plan: Plan, order: Sequence[int], traces: Mapping[int, Trace], sources: Mapping[int, str], kinds: Sequence[str]) -> _Asked | None:
    """The last statement that gives the model rows which a name holds, or which the author's own words give."""
    names: dict[str, str] = {}
    found, best = None, _best_of(plan, order, sources)
    for index in order:
        held = names | {value.token: value.name for value in traces[index].values}
        names |= {value.token: value.name for value in traces[index].values}
        for call in traces[index].calls:
            if call.function.endswith(".forward"):  # of torch, whose models have no `predict`
                continue
            if plan.model and call.kind in kinds and call.receiver == plan.model.token and call.statement in (-1, index):
                found = _of(index, call, held.get(_first(call), ""), sources[index]) or found
            elif plan.model and call.kind in kinds and call.receiver == plan.model.token and held.get(_first(call)):
                found = _Asked(index, held[_first(call)], call.predictions, None)
            elif best and call.kind in kinds and call.statement in (-1, index) and _owner(call, sources[index]) in best:
                found = _of(index, call, held.get(_first(call), ""), sources[index]) or found
    if found is None or not _is_bound(plan, order, traces, found.statement):
        return None
    return found


def _best_of(plan: Plan, order: Sequence[int], sources: Mapping[int, str]) -> set[str]:
    """How the author says the best model of a search: asked, it answers what the search answers."""
    if plan.model is None:
        return set()
    own = f"{plan.model.name}.best_estimator_"
    bodies = (ast.parse(sources[index]).body for index in order)
    named = [node for body in bodies for node in body if isinstance(node, ast.Assign) and ast.unparse(node.value) == own]
    return {own, *(ast.unparse(target) for node in named for target in node.targets)}


def _owner(call: Call, source: str) -> str:
    """What is asked in this call, in the author's words."""
    node = _node_of(call, source)
    return ast.unparse(node.func.value) if node is not None and isinstance(node.func, ast.Attribute) else ""


def _node_of(call: Call, source: str) -> ast.Call | None:
    return next((each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call) and site_of(each) == call.site), None)


def _of(index: int, call: Call, name: str, source: str) -> _Asked | None:
    if name:
        return _Asked(index, name, call.predictions, None)
    if call.kind != "predict" or not call.function.endswith(".predict"):
        return None
    node = _node_of(call, source)
    if node is None or not node.args or isinstance(node.args[0], ast.Starred):
        return None
    return _Asked(index, ast.unparse(node.args[0]), call.predictions, call.site)


def _is_bound(plan: Plan, order: Sequence[int], traces: Mapping[int, Trace], until: int) -> bool:
    """Whether the model's name holds the model after this statement."""
    held = ""
    for index in order[: order.index(until) + 1]:
        held = next((value.token for value in traces[index].values if plan.model and value.name == plan.model.name), held)
    return plan.model is not None and held == plan.model.token


def _first(call: Call) -> str:
    return call.arguments.get("0") or call.arguments.get("X") or call.arguments.get("x") or ""
