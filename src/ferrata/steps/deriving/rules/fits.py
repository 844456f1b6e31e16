"""`scaler.fit_transform(X)` → `state.scaler.transform(X)`, `kmeans.fit_predict(X)` → `state.kmeans.predict(X)`: what was fitted is recorded and only asked."""

from __future__ import annotations

import ast
import re

from ferrata.dataflow.names import slug
from ferrata.records.derivation import Fact
from ferrata.records.plan import Change, Frozen
from ferrata.source.edits import apply_edits, node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck
from ferrata.steps.deriving.wholes import lambda_of


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if isinstance(node, ast.Attribute) and "has_predict" in fact.details:
        return _labels(rewriter, node, fact)
    if not isinstance(node, ast.Call):
        return None
    if fact.call == "fit_transform" and isinstance(node.func, ast.Attribute) and "fitted" in fact.details:
        return _asked(rewriter, node, node.func.value, fact, "transform")
    if fact.call == "apply" and len(node.args) == 1 and isinstance(node.args[0], ast.Attribute) and node.args[0].attr == "fit_transform":
        return _transform_each(rewriter, node, node.args[0])
    if fact.call == "apply" and fact.kind in ("rows", "columns"):
        return _fit_each(rewriter, node)
    if fact.call == "fit_predict" and isinstance(node.func, ast.Attribute) and "fitted" in fact.details:
        _refuse_without_predict(fact)
        if isinstance(node.func.value, ast.Name) and node.args and not fact.details.get("by_key"):
            return rewriter.replaced(node, f"{node.func.value.id}.predict({rewriter.text(node.args[0])})")  # recorded as any name is
        return _asked(rewriter, node, node.func.value, fact, "predict")
    return None


def _refuse_without_predict(fact: Fact) -> None:
    if not fact.details.get("has_predict"):
        raise Stuck(f"{fact.details.get('type')} has no `predict`: it answers only for the rows that it was fitted on")


def _asked(rewriter: Rewriter, node: ast.Call, receiver: ast.expr, fact: Fact, method: str) -> list[Edit]:
    """The fitted object, recorded, is only asked."""
    if not node.args:
        raise Stuck(f"{fact.call} without rows")
    frozen = rewriter.registry.add(_name(receiver, node.args[0]), fact.details["fitted"], rewriter.statement, by_key=bool(fact.details.get("by_key")))
    rewriter.keyed(frozen, node, fact)
    _record(rewriter, node, receiver, frozen, fact)
    asked = rewriter.state(frozen)
    if rewriter.is_definition and isinstance(receiver, ast.Name) and _is_read_again(rewriter, receiver):  # in the helper, for what follows
        asked = f"({receiver.id} := {asked})"
    return rewriter.replaced(node, f"{asked}.{method}({rewriter.text(node.args[0])})")


def _is_read_again(rewriter: Rewriter, receiver: ast.Name) -> bool:
    loads = [each for each in ast.walk(ast.parse(rewriter.source)) if isinstance(each, ast.Name) and each.id == receiver.id and isinstance(each.ctx, ast.Load)]
    return len(loads) > 1


def _record(rewriter: Rewriter, node: ast.Call, receiver: ast.expr, frozen: Frozen, fact: Fact) -> None:
    """By a line below the statement; where nothing can stand below it, around the call."""
    name = receiver.id if isinstance(receiver, ast.Name) else rewriter.registry.local(frozen.name)
    start, end = node_span(rewriter.table, receiver)
    if rewriter.simple and isinstance(rewriter.simple[-1], ast.Return):
        if fact.details.get("nth"):
            raise Stuck(f"`{ast.unparse(node)[:80]}` is fitted for one table after the other")
        made = name if isinstance(receiver, ast.Name) else f"({name} := {rewriter.source[start:end]})"
        rewriter.wrap(node, f'freeze_fitted("{frozen.path}", {made}, ', f"{rewriter.key(frozen)})")
        if not isinstance(receiver, ast.Name):
            rewriter.registry.changes.append(Change(rewriter.statement, start, end, name))
        return
    if not isinstance(receiver, ast.Name):
        rewriter.registry.changes += [Change(rewriter.statement, start, start, f"({name} := "), Change(rewriter.statement, end, end, ")")]
    rewriter.follow(f"{rewriter.freeze(frozen, fact)}{name}{rewriter.key(frozen)})")


def _labels(rewriter: Rewriter, node: ast.Attribute, fact: Fact) -> list[Edit]:
    """`kmeans.labels_` → what it answers for the rows that it was fitted on."""
    _refuse_without_predict(fact)
    if not fact.details.get("rows"):
        raise Stuck(f"`{ast.unparse(node)}` is about rows that no name holds any more")
    return rewriter.replaced(node, f"{rewriter.text(node.value)}.predict({fact.details['rows']})")


def _name(receiver: ast.expr, data: ast.expr) -> str:
    """The author's name for it, and the column where the data is one."""
    own = receiver.id if isinstance(receiver, ast.Name) else _class_words(receiver)
    columns = [each.value for each in ast.walk(data) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return f"{own}_{slug(columns[0])}" if len(columns) == 1 and slug(columns[0]) else own


def _class_words(made: ast.expr) -> str:
    """`preprocessing.StandardScaler()` → `standard_scaler`."""
    return slug(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", ast.unparse(made).split("(")[0].rsplit(".", 1)[-1]))


def _transform_each(rewriter: Rewriter, node: ast.Call, method: ast.Attribute) -> list[Edit] | None:
    """`df[columns].apply(LabelEncoder().fit_transform)`: one for each column."""
    inner = rewriter.fact(method)
    if inner is None or "fitted" not in inner.details or not isinstance(node.func, ast.Attribute):
        return None
    own = _class_words(method.value)
    frozen = rewriter.registry.add(f"{own}_by_column", inner.details["fitted"], rewriter.statement)
    start, end = node_span(rewriter.table, method)
    value = rewriter.source[slice(*node_span(rewriter.table, method.value))]
    rewriter.registry.changes.append(Change(rewriter.statement, start, end, f'freeze_each("{frozen.path}", {value})'))
    table = rewriter.text(node.func.value)
    return rewriter.replaced(node, f"{table}.apply(lambda column: state.{frozen.name}[column.name].transform(column))")


_EACH = {"format": "skops", "suffix": ".skops", "type": "one for each column"}


def _fit_each(rewriter: Rewriter, node: ast.Call) -> list[Edit] | None:
    """`df[columns].apply(lambda c: LabelEncoder().fit_transform(c.astype(str)))`: one for each column, whatever the lambda does besides."""
    made = lambda_of(node)
    calls = [each for each in ast.walk(made.body) if isinstance(each, ast.Call) and _fits(each)] if made else []
    if made is None or len(calls) != 1 or rewriter.loops:
        return None
    function = calls[0].func
    assert isinstance(function, ast.Attribute)
    own = function.value.id if isinstance(function.value, ast.Name) else _class_words(function.value)
    frozen = rewriter.registry.add(f"{own}_by_column", _EACH, rewriter.statement)
    start, end = node_span(rewriter.table, function)
    value = rewriter.source[slice(*node_span(rewriter.table, function.value))]
    rewriter.registry.changes.append(Change(rewriter.statement, start, end, f'freeze_each("{frozen.path}", {value}, {made.name}.name)'))
    begin, stop = node_span(rewriter.table, node.args[0])
    text = apply_edits(rewriter.source[begin:stop], [(start - begin, end - begin, f"state.{frozen.name}[{made.name}.name].transform")])
    assert isinstance(node.func, ast.Attribute)
    return rewriter.replaced(node, f"{rewriter.text(node.func.value)}.apply({text})")


def _fits(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "fit_transform" and len(call.args) == 1
