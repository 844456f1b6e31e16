"""A mere number: nothing is known of the run that gave it, but whether other seeds of this project give such a one can be tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ferrata.records.explanation import Difference, Seeded
from ferrata.steps.explaining.measure import Measure
from ferrata.steps.explaining.noise import could_be
from ferrata.steps.explaining.setup import Conditions, Obtained
from ferrata.steps.explaining.trials import OverBudget, Trials
from ferrata.steps.repeating.seeds import other_values, seed_parameters
from ferrata.store.pipelines.params import DEFAULT_PARAMS
from ferrata.store.pipelines.pipeline import read_pipeline

_RUNS = 8


def other_seeds(trials: Trials, measure: Measure, first: Obtained, goal: Obtained, conditions: Conditions, tell: Callable[[str], None]) -> Seeded | None:
    """None where no parameter is a seed, or no run with another one came to an end in time."""
    assert trials.here.tree is not None, "the base was run"
    parameters = seed_parameters(trials.here.tree, read_pipeline(trials.here.tree))
    if not parameters or not measure.are_scores:
        return None
    results = [first]
    for number in range(1, _RUNS + 1):
        try:
            result = trials.run(_settings(parameters, number), conditions)
        except OverBudget:
            break
        if not result.failed:
            results.append(result)
            tell(f"seeds {number} of {_RUNS}: {', '.join(f'{name} {result.scores[name]:.6g}' for name in measure.names if name in result.scores)}")
    values = {name: [each.scores[name] for each in results if name in each.scores] for name in measure.names}
    if len(results) < 2 or not any(values.values()):
        return None
    spread = {name: (min(found), max(found)) for name, found in values.items() if found}
    could = {name: _reach(values[name], goal.scores[name]) for name in spread if name in goal.scores}
    return Seeded(tuple(parameters), len(results) - 1, spread, could)


def _settings(parameters: Mapping[str, int], number: int) -> list[Difference]:
    found = []
    for setting in other_values(parameters, number):
        name, _, value = setting.rpartition("=")
        path, _, key = name.rpartition(":")
        found.append(Difference("parameter", name, "", value, payload=(path or DEFAULT_PARAMS, key, int(value), True)))
    return found


def _reach(values: list[float], value: float) -> str:
    if min(values) == max(values):
        return "still"
    return "within" if min(values) <= value <= max(values) else "near" if could_be(values, value) else "outside"
