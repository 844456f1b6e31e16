"""Which statements the pipeline needs: everything that the fitted models, the scores and the plots about them depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ferrata.dataflow.graph import before
from ferrata.records.analysis import Analysis
from ferrata.records.current import CurrentCode
from ferrata.records.observation import Trace
from ferrata.steps.planning.companions import dressing, is_dressing, settings
from ferrata.steps.planning.predictions import last_results


def plot_cells(code: CurrentCode, traces: Mapping[int, Trace], analysis: Analysis) -> dict[int, tuple[int, ...]]:
    """Cells that draw something about a fitted model, with the statements that make up the drawing."""
    found: dict[int, list[int]] = {}
    for index, trace in traces.items():
        if trace.draws and index in analysis.fitted:
            found.setdefault(code.cell(index), [])
    for index, trace in traces.items():
        cell = code.cell(index)
        if cell in found and (trace.draws or is_dressing(trace, code.sources[index])):
            found[cell].append(index)
    return {cell: tuple(indices) for cell, indices in found.items()}


def targets(code: CurrentCode, traces: Mapping[int, Trace], analysis: Analysis) -> set[int]:
    """Statements that must run for their own sake."""
    wanted = {run for score in analysis.scores for run in score.runs}
    wanted |= {fit for model in analysis.models for fit in model.fits}
    wanted |= {model.answered_at for model in analysis.models if model.answered_at >= 0}
    if not analysis.scores:
        wanted |= last_results(traces, code.sources, analysis.fitted)
    for indices in plot_cells(code, traces, analysis).values():
        wanted |= set(indices)
    return wanted


def kept(code: CurrentCode, traces: Mapping[int, Trace], analysis: Analysis, wanted: Iterable[int]) -> tuple[int, ...]:
    """The wanted statements and all they need, in the order they ran; settings made before them and what dresses their drawings too."""
    needed = before(wanted, analysis.dependencies)
    needed |= before(dressing(code, traces, needed), analysis.dependencies)
    needed |= before(settings(code, traces, needed), analysis.dependencies)
    return tuple(index for index in traces if index in needed)
