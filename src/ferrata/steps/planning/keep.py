"""Which statements the pipeline needs: everything that the fitted models, the scores and the plots about them depend on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ferrata.dataflow.graph import before
from ferrata.records.analysis import Analysis
from ferrata.records.current import CurrentCode
from ferrata.records.observation import Trace

_SHOW = re.compile(r"\bshow\(\)|\btight_layout\(|\bplt\.|\bsns\.|\bax\w*\.|\bfig\w*\.")
# Environment variables and library options may change numbers; display options can't.
_SETTINGS = frozenset({"environ", "pandas.options", "numpy.errstate"})


def plot_cells(code: CurrentCode, traces: Mapping[int, Trace], analysis: Analysis) -> dict[int, tuple[int, ...]]:
    """Cells that draw something about a fitted model, with the statements that make up the drawing."""
    found: dict[int, list[int]] = {}
    for index, trace in traces.items():
        if trace.draws and index in analysis.fitted:
            found.setdefault(code.cell(index), [])
    for index, trace in traces.items():
        cell = code.cell(index)
        if cell in found and (trace.draws or _is_dressing(trace, code.sources[index])):
            found[cell].append(index)
    return {cell: tuple(indices) for cell, indices in found.items()}


def _is_dressing(trace: Trace, source: str) -> bool:
    """A title, a layout call or a show: part of the drawing, though it may change no artist."""
    return not trace.binds and not trace.numbers and not trace.calls and bool(_SHOW.search(source)) and "\n" not in source.strip()


def targets(code: CurrentCode, traces: Mapping[int, Trace], analysis: Analysis) -> set[int]:
    """Statements that must run for their own sake."""
    wanted = {run for score in analysis.scores for run in score.runs}
    wanted |= {fit for model in analysis.models for fit in model.fits}
    if not analysis.models:
        wanted |= {index for index, trace in traces.items() if any(call.kind == "predict" for call in trace.calls)}
    for indices in plot_cells(code, traces, analysis).values():
        wanted |= set(indices)
    return wanted


def kept(code: CurrentCode, traces: Mapping[int, Trace], analysis: Analysis, wanted: Iterable[int]) -> tuple[int, ...]:
    """The wanted statements and all they need, in the order they ran; settings made before them too."""
    needed = before(wanted, analysis.dependencies)
    if not needed:
        return ()
    settings = {i for i, trace in traces.items() if _is_setting(trace, code.sources[i]) and i < max(needed)}
    return tuple(index for index in traces if index in needed | before(settings, analysis.dependencies))


def _is_setting(trace: Trace, source: str) -> bool:
    return bool(_SETTINGS & set(trace.state)) and not trace.calls and "display." not in source
