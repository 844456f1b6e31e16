"""Early stopping in `fit`: xgboost 2.1 takes it in the constructor, LightGBM 4.0 as callbacks.

XGBClassifier().fit(X, y, early_stopping_rounds=5)      XGBClassifier().set_params(early_stopping_rounds=5).fit(X, y)
LGBMClassifier().fit(X, y, early_stopping_rounds=5)     LGBMClassifier().fit(X, y, callbacks=[lgb.early_stopping(5)])
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text

_MESSAGE = r"unexpected keyword argument '(early_stopping_rounds|eval_metric|verbose|verbose_eval|evals_result|callbacks)'"
_XGBOOST = ("early_stopping_rounds", "eval_metric", "callbacks")
_LIGHTGBM = ("early_stopping_rounds", "verbose", "verbose_eval", "evals_result")


def _find(text: Text, context: Context) -> Iterator[Change]:
    for call in text.calls():
        if not isinstance(call.func, ast.Attribute):
            continue
        kind, path = context.kinds.of(call.func.value), context.dotted(call.func)
        names = {one.name for one in text.arguments(call)}
        if path == "lightgbm.train" or (call.func.attr == "fit" and (kind.startswith("lightgbm") or _only(context, "lightgbm"))):
            yield from _lightgbm(call, names, text, context)
        elif call.func.attr == "fit" and (kind.startswith("xgboost") or _only(context, "xgboost")):
            yield from _xgboost(call, call.func, names, text)


def _only(context: Context, package: str) -> bool:
    """The failure is about this library's `fit`, and the notebook uses no other that has these arguments."""
    other = {"xgboost": "lightgbm", "lightgbm": "xgboost"}[package]
    roots = {path.partition(".")[0] for path in context.names.values()}
    return package in roots and other not in roots and "catboost" not in roots


def _xgboost(call: ast.Call, function: ast.Attribute, names: set[str], text: Text) -> Iterator[Change]:
    moved = [one for one in text.arguments(call) if one.name in _XGBOOST]
    if not moved:
        return
    why = "xgboost takes these in the constructor since 2.1, not in fit()"
    given = ", ".join(text.source[one.start : one.end] for one in moved)
    end = text.span(function.value)[1]
    yield Change(end, end, f".set_params({given})", why)
    yield from text.dropped(call, {one.name for one in moved} & names, why)


def _lightgbm(call: ast.Call, names: set[str], text: Text, context: Context) -> Iterator[Change]:
    given = {one.name: text.of(one.value) for one in text.arguments(call) if one.name in _LIGHTGBM}
    if not given or "callbacks" in names:
        return
    alias = next((name for name, path in context.names.items() if path == "lightgbm"), "")
    prefix = f"{alias or 'lightgbm'}."
    verbose = given.get("verbose", given.get("verbose_eval", ""))
    calls = [f"{prefix}early_stopping({given['early_stopping_rounds']})"] if "early_stopping_rounds" in given else []
    calls += [f"{prefix}log_evaluation({'1' if verbose == 'True' else verbose})"] if verbose not in ("", "False", "0", "-1", "None") else []
    calls += [f"{prefix}record_evaluation({given['evals_result']})"] if "evals_result" in given else []
    why = "LightGBM takes these as callbacks since 4.0, not as arguments"
    found = text.arguments(call)
    yield from text.dropped(call, set(given), why)
    if calls:
        end = found[-1].end
        yield Change(end, end, f", callbacks=[{', '.join(calls)}]", why)
    if calls and not alias and text.statement.column == 0:
        yield Change(0, 0, "import lightgbm\n", why)


def _find_in_dict(text: Text, context: Context) -> Iterator[Change]:
    """Arguments of `fit` kept in a dictionary (`fit(**fit_params)`): the one with an `eval_set` in it."""
    if not _only(context, "lightgbm"):
        return
    alias = next((name for name, path in context.names.items() if path == "lightgbm"), "")
    why = "LightGBM takes these as callbacks since 4.0, not as arguments"
    for node in ast.walk(text.tree):
        items = _items(node)
        if not {"early_stopping_rounds", "eval_set"} <= items.keys() or "callbacks" in items:
            continue
        start = text.span(items["early_stopping_rounds"][0])[0]
        rounds = items["early_stopping_rounds"][1]
        calls = [f"{alias or 'lightgbm'}.early_stopping({text.of(rounds)})"]
        verbose = items.get("verbose", (None, None))[1]
        if isinstance(verbose, ast.Constant) and verbose.value not in (False, 0, -1, None):
            calls.append(f"{alias or 'lightgbm'}.log_evaluation({1 if verbose.value is True else text.of(verbose)})")
        yield Change(start, text.span(rounds)[1], f'"callbacks": [{", ".join(calls)}]', why)
        yield from _without(node, "verbose", why, text)
        if not alias and text.statement.column == 0:
            yield Change(0, 0, "import lightgbm\n", why)


def _items(node: ast.AST) -> dict[str, tuple[ast.expr, ast.expr]]:
    """(key, value) of a dictionary's plain text keys."""
    if not isinstance(node, ast.Dict):
        return {}
    pairs = zip(node.keys, node.values, strict=True)
    return {key.value: (key, value) for key, value in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def _without(node: ast.AST, name: str, why: str, text: Text) -> Iterator[Change]:
    """The dictionary without an item, which another one stands before or after."""
    if not isinstance(node, ast.Dict) or name not in _items(node):
        return
    position = next(index for index, key in enumerate(node.keys) if isinstance(key, ast.Constant) and key.value == name)
    start, end = text.span(_items(node)[name][0])[0], text.span(node.values[position])[1]
    if position:
        yield Change(text.span(node.values[position - 1])[1], end, "", why)
    else:
        following = node.keys[1]
        yield Change(start, text.span(following)[0] if following else end, "", why)


IN_DICT = on_failure("boosting-early-stopping-in-dict", _find_in_dict, __doc__, message=_MESSAGE, package="lightgbm", since="4.0", everywhere=True)
RULE = on_failure("boosting-early-stopping", _find, __doc__, message=_MESSAGE)
