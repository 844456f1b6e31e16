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


def analyse(code: CurrentCode, observation: Observation) -> Analysis:
    """Findings are added by `find_all`, which also wants the second run."""
    traces = tuple(trace for trace in observation.traces if trace.complete)
    edges = graph.dependencies(traces, _assumed_changes(traces, code.sources))
    fits = [trace.index for trace in traces if any(is_model_fit(call) for call in trace.calls)]
    fitted = graph.after(fits, edges)
    models, scores = find_models(traces, find_scores(traces, code.sources, fitted))
    return Analysis(tuple(_node(trace, code.sources, fitted) for trace in traces), edges, scores, models, fitted=fitted)


def _node(trace: Trace, sources: Mapping[int, str], fitted: Iterable[int]) -> Node:
    tree = ast.parse(sources[trace.index])
    return Node(trace.index, role(tree, trace, frozenset(fitted)), graph.reads(trace), graph.writes(trace))


def _assumed_changes(traces: Iterable[Trace], sources: Mapping[int, str]) -> Iterable[tuple[int, str]]:
    """Names whose content was only sampled, at statements whose text may change them in place."""
    sampled: dict[str, bool] = {}
    for trace in traces:
        suspects = {name for name in trace.reads if sampled.get(name)} - set(trace.binds) - set(trace.mutates)
        if suspects:
            yield from ((trace.index, name) for name in suspects & statement_names(sources[trace.index]).mutates)
        sampled.update({value.name: not value.exact for value in trace.values})
