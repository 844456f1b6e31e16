"""What the pipeline will record for a score: every number that its expression gives in the statements that are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ferrata.dataflow.sites import holder
from ferrata.records.analysis import Score
from ferrata.records.observation import Trace


def as_recorded(score: Score, kept: Collection[int], traces: Mapping[int, Trace]) -> Score:
    """The score with the runs and values of all kept statements, those included whose number alone would be none (a count, a loss before the fit)."""
    found = [
        (index, number.value) for index in sorted(kept) for number in traces[index].numbers
        if number.site == score.site and number.role == score.role and holder(traces[index], number) == score.statement and number.value is not None
    ]
    return replace(score, runs=tuple(index for index, _ in found), values=tuple(value for _, value in found)) if len(found) > len(score.runs) else score
