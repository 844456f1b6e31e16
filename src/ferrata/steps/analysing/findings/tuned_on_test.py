"""A parameter, or the moment to stop training, is chosen by the score on the test rows.

The best of many tries on the test rows is partly luck on these rows, so the score reported afterwards is too good. The
more tries and the fewer rows, the more.

Bad:

    for k in range(1, 40):
        scores.append(KNeighborsClassifier(k).fit(X_train, y_train).score(X_test, y_test))
    best = KNeighborsClassifier(7).fit(X_train, y_train)
    best.score(X_test, y_test)

Good:

    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": range(1, 40)}).fit(X_train, y_train)
    search.score(X_test, y_test)

Certain: `likely`; the loop and the later score on the same rows are seen, what the author concluded from them is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ferrata.dataflow.sites import holder
from ferrata.records.finding import Finding
from ferrata.records.observation import Call, Trace
from ferrata.steps.analysing.findings.context import FindingContext, called, class_name, one_line

CODE = "F105"
NAME = "tuned-on-test"

_FEWEST_TRIES = 3
_STOPPERS = ("EarlyStopping", "early_stopping")
_HELD_OUT = frozenset({"validation_data", "eval_set", "valid_sets"})


def find(context: FindingContext) -> Iterable[Finding]:
    yield from _loops(context)
    yield from _stopped_early(context)


def _loops(context: FindingContext) -> Iterator[Finding]:
    for trace in context.traces:
        for loop in (node for node in context.tree(trace.index).body if isinstance(node, ast.For)):
            tested = _tested_in(trace)
            kind = _tried_class(loop, trace)
            if kind and tested and (later := _scored_later(context, trace, kind, tested)):
                where = context.place(trace.index, loop.lineno)
                over = one_line(f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}", 60)
                yield Finding(
                    CODE, NAME, where.cell, where.line,
                    what=f"`{over}` fits {kind} again and again and scores each on `{later[0]}`, the rows of the later score in cell {later[1]}.",
                    why="The best of many tries on the test rows is partly luck on these rows; the score given afterwards is too good.",
                    todo=f"Choose by cross-validation on the training rows: `GridSearchCV({kind}(), {{…}}).fit(X_train, y_train)`; score `{later[0]}` once.",
                    certain="likely",
                )


def _tried_class(loop: ast.For, trace: Trace) -> str:
    """The class that the loop makes again and again with its variable as a parameter and fits, "" when it does not."""
    variables = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    fits = [class_name(call.receiver_type) for call in trace.calls if call.kind == "fit" and call.model in ("classifier", "regressor", "network")]
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and fits.count(called(node)) >= _FEWEST_TRIES:
            given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg != "random_state")]
            if any(isinstance(name, ast.Name) and name.id in variables for part in given for name in ast.walk(part)):
                return called(node)
    return ""


def _tested_in(trace: Trace) -> dict[str, str]:
    """Rows not fitted on that are scored in the statement: token to name."""
    found = {}
    for call in trace.calls:
        if call.kind in ("predict", "score") and "0" in call.arguments and call.receiver and _is_unseen(call):
            found[call.arguments["0"]] = call.argument_names.get("0", "the test rows")
    return found


def _is_unseen(call: Call) -> bool:
    return call.seen < 0.5 if call.seen is not None else "test" in call.argument_names.get("0", "").lower()


def _scored_later(context: FindingContext, loop: Trace, kind: str, tested: dict[str, str]) -> tuple[str, int] | None:
    """The name of rows of the loop that a model of the same class is judged on afterwards, and in which cell."""
    for step in context.steps("predict", "score"):
        token = step.call.arguments.get("0", "")
        if step.trace.index > loop.index and token in tested and class_name(step.call.receiver_type) == kind:
            return tested[token], context.place_of(step).cell
    return None


def _stopped_early(context: FindingContext) -> Iterator[Finding]:
    for step in context.steps("fit"):
        node = _node(context, holder(step.trace, step.call), step.call)
        watched = _watched(node) if node else ""
        later = [s for s in context.steps("predict", "score") if s.trace.index >= step.trace.index and s.call.argument_names.get("0") == watched]
        if node and watched and later and _stops(context, node):
            where = context.place_of(step)
            yield Finding(
                CODE, NAME, where.cell, where.line,
                what=f"`{context.text_of(step)}` stops by its score on `{watched}`; `{context.text_of(later[-1])}` then judges it on them.",
                why="The best moment for these rows is chosen with their answers, so their score is too good.",
                todo="Split the training rows once more for `validation_data`, and keep the test rows for one last score.", certain="likely",
            )


def _node(context: FindingContext, index: int, call: Call) -> ast.Call | None:
    for node in ast.walk(context.tree(index)):
        if isinstance(node, ast.Call) and (node.lineno, node.col_offset, node.end_col_offset) == (call.site.line, call.site.column, call.site.end_column):
            return node
    return None


def _watched(node: ast.Call) -> str:
    """The name of the rows that training is watched on: the first name in `validation_data=(X_test, y_test)`, the last pair of `eval_set`."""
    value = next((keyword.value for keyword in node.keywords if keyword.arg in _HELD_OUT), None)
    if isinstance(value, (ast.List, ast.Tuple)) and value.elts and isinstance(value.elts[-1], ast.Tuple):
        value = value.elts[-1]
    if isinstance(value, (ast.List, ast.Tuple)) and value.elts:
        value = value.elts[0]
    return value.id if isinstance(value, ast.Name) else ""


def _stops(context: FindingContext, node: ast.Call) -> bool:
    """A callback or option in the call, or in the statement that bound the name given as `callbacks`, that picks the best round."""
    texts = [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg in ("callbacks",)]
    names = {name.id for keyword in node.keywords if keyword.arg == "callbacks" for name in ast.walk(keyword.value) if isinstance(name, ast.Name)}
    texts += [context.sources.get(trace.index, "") for trace in context.traces if names & set(trace.binds)]
    return any(keyword.arg == "early_stopping_rounds" for keyword in node.keywords) or any(_picks_best(text) for text in texts)


def _picks_best(text: str) -> bool:
    stops = any(word in text for word in _STOPPERS)
    return stops and "monitor='loss'" not in text.replace('"', "'") and "monitor='acc" not in text.replace('"', "'")
