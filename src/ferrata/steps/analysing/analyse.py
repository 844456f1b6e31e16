"""Analyse one observation: the graph, what each statement is for, the scores and the models."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from ferrata.dataflow import graph
from ferrata.dataflow.calls import is_model_fit
from ferrata.records.analysis import Analysis, Node
from ferrata.records.current import CurrentCode
from ferrata.records.observation import Observation, Trace
from ferrata.source.names import statement_names
from ferrata.steps.analysing.models import find_models
from ferrata.steps.analysing.roles import role
from ferrata.steps.analysing.scores import find_scores
from ferrata.steps.analysing.written_out import find_written_out

# Reading them moves a state inside the library that nobody sees from outside.
_STATEFUL = ("tensorflow.python.data.",)


def analyse(code: CurrentCode, observation: Observation) -> Analysis:
    """Findings are added by `find_all`, which also wants the second run."""
    traces = tuple(trace for trace in observation.traces if trace.complete)
    assumed = tuple(_assumed_changes(traces, code.sources))
    edges = graph.dependencies(traces, assumed)
    fits = [trace.index for trace in traces if any(is_model_fit(call) for call in trace.calls)]
    own = None if fits else find_written_out(traces, code.sources, edges)
    fits = fits or list(own.fits if own else ())
    # A notebook that only uses a model from a file has its results behind the predictions, or where the model is evaluated.
    fits = fits or [trace.index for trace in traces if any(call.kind == "predict" or call.kind == "score" and call.model for call in trace.calls)]
    fitted = graph.after(fits, edges)
    models, scores = find_models(traces, find_scores(traces, code.sources, fitted, own.fits if own else ()))
    models = models or ((own,) if own else ())
    return Analysis(tuple(_node(trace, code.sources, fitted, assumed) for trace in traces), edges, scores, models, fitted=fitted)


def _node(trace: Trace, sources: Mapping[int, str], fitted: Iterable[int], assumed: Iterable[tuple[int, str]]) -> Node:
    tree = ast.parse(sources[trace.index])
    changed = {name for index, name in assumed if index == trace.index}
    return Node(trace.index, role(tree, trace, frozenset(fitted)), graph.reads(trace) | changed, graph.writes(trace) | changed)


def _assumed_changes(traces: Iterable[Trace], sources: Mapping[int, str]) -> Iterable[tuple[int, str]]:
    """Names that a statement may have changed unseen: content that was only sampled, where the text changes it; datasets that shuffle anew at each reading."""
    types: dict[str, str] = {}
    sampled: dict[str, bool] = {}
    for trace in traces:
        suspects = set(trace.reads) - set(trace.binds) - set(trace.mutates)
        yield from ((trace.index, name) for name in sorted(suspects) if types.get(name, "").startswith(_STATEFUL))
        inexact = {name for name in suspects if sampled.get(name)}
        if inexact:
            yield from ((trace.index, name) for name in sorted(inexact & statement_names(sources[trace.index]).mutates))
        types.update({value.name: value.type for value in trace.values})
        sampled.update({value.name: not value.exact for value in trace.values})
