"""Notebooks and observations by hand: what a run would have recorded, worked out from the text and a table of the calls in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ferrata.dataflow import graph
from ferrata.dataflow.calls import is_model_fit
from ferrata.records.analysis import Score
from ferrata.records.notebook import Cell, Magic, Notebook, Output, Statement
from ferrata.records.observation import Call, Failure, Number, Observation, Site, Trace, Value
from ferrata.source.names import statement_names
from ferrata.steps.analysing.findings.context import FindingContext

KINDS: dict[str, tuple[str, str, str]] = {
    "StandardScaler": ("transformer", "sklearn.preprocessing._data.StandardScaler", ""),
    "SimpleImputer": ("transformer", "sklearn.impute._base.SimpleImputer", ""),
    "LabelEncoder": ("transformer", "sklearn.preprocessing._label.LabelEncoder", ""),
    "Normalizer": ("transformer", "sklearn.preprocessing._data.Normalizer", ""),
    "SelectKBest": ("selector", "sklearn.feature_selection._univariate_selection.SelectKBest", ""),
    "SMOTE": ("resampler", "imblearn.over_sampling._smote.base.SMOTE", ""),
    "RandomUnderSampler": ("resampler", "imblearn.under_sampling.RandomUnderSampler", ""),
    "RandomForestClassifier": ("classifier", "sklearn.ensemble._forest.RandomForestClassifier", ""),
    "KNeighborsClassifier": ("classifier", "sklearn.neighbors._classification.KNeighborsClassifier", ""),
    "LogisticRegression": ("classifier", "sklearn.linear_model._logistic.LogisticRegression", ""),
    "SVC": ("classifier", "sklearn.svm._classes.SVC", ""),
    "Sequential": ("network", "keras.models.Sequential", ""),
    "OLS": ("regressor", "statsmodels.regression.linear_model.OLS", ""),
}
METHODS = {
    "fit": "fit", "fit_transform": "fit", "fit_resample": "fit", "transform": "transform", "predict": "predict", "score": "score", "evaluate": "score",
    "train_test_split": "split", "accuracy_score": "score", "f1_score": "score", "cross_val_score": "score",
}


def notebook(cells: Sequence[str], *, outputs: Mapping[int, str] | None = None, counts: Sequence[int | None] = (), magics: Sequence[Magic] = ()) -> Notebook:
    made, index = [], 0
    for number, source in enumerate(cells, 1):
        statements = []
        for node in ast.parse(source).body:
            text = "\n".join(source.split("\n")[node.lineno - 1 : node.end_lineno])
            statements.append(Statement(index, number, node.lineno, node.end_lineno or 1, text))
            index += 1
        saved = (Output("stream", outputs[number]),) if outputs and number in outputs else ()
        count = counts[number - 1] if counts else None
        made.append(Cell(number, source, source, tuple(statements), saved, count))
    return Notebook(Path("a.ipynb"), "0", tuple(made), tuple(magics))


class _Run:
    """Follows names and objects through the statements as the observer would."""

    def __init__(self, seen: Mapping[str, float], rows: Mapping[str, int], summaries: Mapping[str, dict[str, Any]]) -> None:
        self.tokens: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.seen, self.rows, self.summaries = seen, rows, summaries

    def trace(self, index: int, source: str, extra: Mapping[str, Any]) -> Trace:
        tree, names = ast.parse(source), statement_names(source)
        self.tree = tree
        repeat = 4 if isinstance(tree.body[0], ast.For) else 1
        calls = () if names.is_definition else tuple(self._calls(tree, index) * repeat)
        result = calls[-1].result if calls and _is_whole(tree, calls[-1]) and len(names.binds) == 1 else ""
        for name in names.binds:
            self.tokens[name] = result or f"{name}@{index}"
            self.types[name] = self._type_of(tree)
        values = tuple(Value(name, self.types[name], self.tokens[name], name, summary=self.summaries.get(name, {})) for name in sorted(names.binds))
        fitted = {call.receiver_name for call in calls if call.kind == "fit"}
        mutated = tuple(sorted((fitted & self.tokens.keys() | names.mutates) - names.binds))
        fields: dict[str, Any] = {"mutates": mutated, "values": values, **extra}
        return Trace(index, tuple(sorted(names.reads & self.tokens.keys())), tuple(sorted(names.binds)), calls=calls, **fields)

    def _type_of(self, tree: ast.Module) -> str:
        made = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        return next((name for name in made if name in KINDS), "")

    def _calls(self, tree: ast.Module, index: int) -> list[Call]:
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        nodes.sort(key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
        return [call for number, node in enumerate(nodes) if (call := self._call(node, f"r{index}.{number}"))]

    def _call(self, node: ast.Call, result: str) -> Call | None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in METHODS:
            return None
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        owner_name = owner.id if isinstance(owner, ast.Name) else ""
        made_in = self.tree if owner_name else ast.Module([ast.Expr(owner)], []) if owner else ast.Module([], [])
        kind = self.types.get(owner_name, "") or self._type_of(made_in)
        model, qualified, _ = KINDS.get(kind, ("", f"sklearn.model_selection.{name}", ""))
        given: dict[str, ast.expr] = {str(position): value for position, value in enumerate(node.args)}
        given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        text, first = ast.unparse(node), given.get("0")
        return Call(
            kind=METHODS[name], function=f"{qualified}.{name}" if owner else f"sklearn.metrics.{name}",
            site=Site(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0),
            receiver=self.tokens.get(owner_name, f"new-{kind}") if owner else "", receiver_type=qualified if owner else "", receiver_name=owner_name,
            arguments={key: self._token(value, result) for key, value in given.items()},
            argument_names={key: value.id for key, value in given.items() if isinstance(value, ast.Name)},
            result=result, rows=self.rows.get(ast.unparse(first)) if first else None, seen=self.seen.get(text), model=model,
        )

    def _token(self, node: ast.expr, result: str) -> str:
        """A call inside a call gave its own result just before."""
        number = int(result.rpartition(".")[2])
        if isinstance(node, ast.Call) and number:
            return f"{result.rpartition('.')[0]}.{number - 1}"
        return self.tokens.get(node.id, node.id) if isinstance(node, ast.Name) else f"{result}:{ast.unparse(node)}"


def _is_whole(tree: ast.Module, call: Call) -> bool:
    value = getattr(tree.body[0], "value", None)
    return value is not None and (value.lineno, value.col_offset, value.end_col_offset) == (call.site.line, call.site.column, call.site.end_column)


def context(
    cells: Sequence[str], *, seen: Mapping[str, float] | None = None, rows: Mapping[str, int] | None = None,
    summaries: Mapping[str, dict[str, Any]] | None = None, traces: Mapping[str, Mapping[str, Any]] | None = None, failure: Failure | None = None,
    stop: int | None = None, outputs: Mapping[int, str] | None = None, counts: Sequence[int | None] = (), magics: Sequence[Magic] = (),
    scores: Mapping[str, float] | None = None, again: Mapping[str, float] | None = None, **fields: Any,
) -> FindingContext:
    """`seen`, `scores` and `again` by the text of the call, `rows` by that of the data; `traces`: more fields of the statement that starts with the text."""
    book, run = notebook(cells, outputs=outputs, counts=counts, magics=magics), _Run(seen or {}, rows or {}, summaries or {})
    done: list[Trace] = []
    for statement in book.statements[:stop]:
        extra = next((extra for start, extra in (traces or {}).items() if statement.source.startswith(start)), {})
        done.append(run.trace(statement.index, statement.source, extra))
    edges = graph.dependencies(done)
    fitted = graph.after([trace.index for trace in done if any(is_model_fit(call) for call in trace.calls)], edges)
    observation = Observation(_with_numbers(done, book, scores or {}), failure is None, Path("."), failure)
    second = Observation(_with_numbers(done, book, again), True, Path(".")) if again is not None else None
    sources = {statement.index: statement.source for statement in book.statements}
    found = tuple(
        Score(text, trace.index, call.site, (trace.index,), ((scores or {}).get(text, 0.5),), function=call.function, model=call.receiver)
        for trace in done for call in trace.calls if call.kind == "score" for text in [_text(sources[trace.index], call.site)]
    )
    return FindingContext(book, sources, observation, edges, scores=found, fitted=fitted, again=second, **fields)


def _text(source: str, site: Site) -> str:
    return source.split("\n")[site.line - 1][site.column : site.end_column]


def _with_numbers(traces: Sequence[Trace], book: Notebook, values: Mapping[str, float]) -> tuple[Trace, ...]:
    from dataclasses import replace

    sources = {statement.index: statement.source for statement in book.statements}
    return tuple(
        replace(trace, numbers=tuple(
            Number(call.site, values[text], "score") for call in trace.calls if (text := _text(sources[trace.index], call.site)) in values
        ))
        for trace in traces
    )


@pytest.fixture
def build() -> Callable[..., FindingContext]:
    return context
