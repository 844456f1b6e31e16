"""Two runs of the same notebook on the same data gave different scores.

Either something random is not seeded (F201 says where), or the result depends on the order of threads, of sets or of
files. Small differences between models can't be told from this noise.

Bad:

    features = list(set(df.columns) - {"target"})      # another order in every process

Good:

    features = sorted(set(df.columns) - {"target"})

Certain: `sure`; both values were computed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from ferrata.dataflow.sites import holder
from ferrata.records.amount import counted
from ferrata.records.analysis import Score
from ferrata.records.finding import Finding
from ferrata.records.observation import Observation
from ferrata.steps.analysing.findings.context import FindingContext, listed
from ferrata.steps.analysing.findings.unseeded_randomness import find as find_unseeded

CODE = "F202"
NAME = "not-repeatable"


def find(context: FindingContext) -> Iterable[Finding]:
    if context.again is None:
        return
    pairs = [(score, again) for score in context.scores if (again := values_again(score, context.again)) and len(again) == len(score.values)]
    differing = [(score, again) for score, again in pairs if not is_same(list(score.values), list(again))]
    if not differing:
        return
    where = context.place(differing[0][0].statement, differing[0][0].site.line)
    texts = [f"`{score.name}` {_shown(score.values[-1])}, then {_shown(again[-1])}" for score, again in differing]
    yield Finding(
        CODE, NAME, where.cell, where.line,
        what=f"{len(differing)} of {counted(len(pairs), 'score')} came out differently in a second run: {listed(texts, 3)}.",
        why="A difference between two models that is not larger than this says nothing.",
        todo=_todo(context),
    )


def values_again(score: Score, observation: Observation) -> tuple[Any, ...]:
    """What the score's expression gave in another run, in order."""
    return tuple(
        number.value for trace in observation.traces if trace.index in score.runs for number in trace.numbers
        if number.site == score.site and holder(trace, number) == score.statement and number.role == score.role
    )


_CLOCK = re.compile(r"(?:random_state|seed)\w*\s*[=(][^,\n]*\b(?:time|time_ns|now|perf_counter|utcnow)\(")


def is_same(one: Any, other: Any) -> bool:
    """Equal bit for bit; not-a-number equals itself."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    return bool(one == other)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) < 30 else "a table"


def _todo(context: FindingContext) -> str:
    seeds = [finding.cell for finding in find_unseeded(context)]
    if seeds:
        return f"Seed what is drawn at random first: see {counted(len(seeds), 'finding')} F201, from cell {min(seeds)} on."
    clocks = sorted({context.notebook.statements[index].cell for index, source in context.sources.items() if _CLOCK.search(source)})
    if clocks:
        return f"Cell {clocks[0]} takes a seed from the clock: give it a number instead."
    return "Sort what comes from a `set` or a directory listing (`sorted(…)`), and set `n_jobs=1` to see whether threads are the cause."
