"""What a project reads of the network: seen in one run more, told and not tried, since what was given then is recorded nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ferrata.records.explanation import Difference, Effect, Verdict
from ferrata.steps.explaining.setup import Conditions
from ferrata.steps.explaining.trials import OverBudget, Trials

KIND = "network"
WITHOUT = Conditions(shims=((KIND, "off"),))
_WATCHED = Conditions(shims=((KIND, "watched"),))
TODO = "Keep what is fetched in the project, so that every run reads the same: ferrata data add FILE"


def network_reads(trials: Trials, conditions: Conditions) -> list[Verdict]:
    """One for each statement that reaches out; nothing where there is no time to look."""
    try:
        trace = trials.run(conditions=conditions.merged(_WATCHED)).trace
    except OverBudget:
        return []
    return [_verdict(each) for each in reads_in(trace)]


def reads_in(trace: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each for each in trace if each.get("kind") == KIND]


def words_of(each: Mapping[str, Any]) -> str:
    return f"what {each['file']}, line {each['line']} reads from {each.get('host') or 'the network'}"


def _verdict(each: Mapping[str, Any]) -> Verdict:
    difference = Difference(KIND, words_of(each), place=str(each["file"]), line=int(each["line"]))
    return Verdict((difference,), Effect.NOT_TRIED, why="what was given there then is not recorded, and today it may be something else", todo=TODO)
