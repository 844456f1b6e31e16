"""Statements that leave no value, and that a stage needs all the same: settings of the process and its libraries, and what dresses a drawing.

They depend on nothing but imports and constants, so each stage gets its own, at the place the author gave them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from ferrata.records.analysis import Node
from ferrata.records.current import CurrentCode
from ferrata.records.observation import Trace

# State that may change a number. Display options can't; what is drawn doesn't.
_NUMERIC = frozenset({"environ", "pandas.options", "numpy.errstate", "sklearn.config", "tensorflow.config", "keras.config", "torch.config"})
_STYLE = "pyplot.style"
_DRESSING = re.compile(r"\bshow\(\)|\btight_layout\(|\bplt\.|\bsns\.|\bax\w*\.|\bfig\w*\.")


def is_setting(trace: Trace, source: str) -> bool:
    """It changes how libraries compute, and nothing else."""
    return bool(_NUMERIC & set(trace.state)) and not trace.calls and "display." not in source


def is_style(trace: Trace) -> bool:
    """It changes how figures look, and nothing else."""
    return _STYLE in trace.state and not (trace.binds or trace.calls or trace.draws or trace.files_written)


def is_dressing(trace: Trace, source: str) -> bool:
    """A new figure, a title, a layout call or a show: part of a drawing, though it may change no artist."""
    return not trace.binds and not trace.numbers and not trace.calls and bool(_DRESSING.search(source)) and "\n" not in source.strip()


def settings(code: CurrentCode, traces: Mapping[int, Trace], needed: Collection[int]) -> set[int]:
    """Settings made before the last of the needed statements; styles only when one of these draws."""
    last = max(needed, default=-1)
    last_drawn = max((index for index in needed if traces[index].draws), default=-1)
    numeric = {i for i, trace in traces.items() if i < last and is_setting(trace, code.sources[i])}
    return numeric | {i for i, trace in traces.items() if i < last_drawn and is_style(trace)}


def dressing(code: CurrentCode, traces: Mapping[int, Trace], needed: Collection[int]) -> set[int]:
    """What dresses the drawings that are among the needed statements, for whatever reason these are needed."""
    cells = {code.cell(index) for index in needed if traces[index].draws}
    return {i for i, trace in traces.items() if i not in needed and code.cell(i) in cells and is_dressing(trace, code.sources[i])}


def free(
    kept: Sequence[int], code: CurrentCode, traces: Mapping[int, Trace], nodes: Mapping[int, Node], repeated: Collection[int], fixed: Collection[int]
) -> tuple[int, ...]:
    """The kept settings and dressing that need nothing but repeated statements; `fixed` stand where the cut puts them."""
    names = {name for index in repeated for name in nodes[index].writes}
    return tuple(
        i for i in kept
        if i not in repeated and i not in fixed and nodes[i].reads <= names and _leaves_no_value(traces[i])
        and (is_setting(traces[i], code.sources[i]) or is_style(traces[i]) or is_dressing(traces[i], code.sources[i]))
    )


def _leaves_no_value(trace: Trace) -> bool:
    return not (trace.binds or trace.mutates or trace.deletes or trace.consumes or trace.seeds or trace.calls or trace.files_written)


def accompanied(statements: Sequence[int], companions: Sequence[int], code: CurrentCode, traces: Mapping[int, Trace]) -> tuple[int, ...]:
    """A stage's statements with the companions it needs, each before the first statement that came after it in the notebook."""
    result = list(statements)
    for index in (i for i in companions if _belongs(i, statements, code, traces)):
        result.insert(next((place for place, other in enumerate(result) if other > index), len(result)), index)
    return tuple(result)


def _belongs(index: int, statements: Sequence[int], code: CurrentCode, traces: Mapping[int, Trace]) -> bool:
    drawings = [other for other in statements if traces[other].draws]
    if is_setting(traces[index], code.sources[index]):
        return any(other > index for other in statements)
    if is_style(traces[index]):
        return any(other > index for other in drawings)
    return any(code.cell(other) == code.cell(index) for other in drawings)
