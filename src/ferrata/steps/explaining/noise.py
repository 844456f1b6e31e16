"""Runs that do not repeat themselves: how far they lie apart, and which source of chance makes it so."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ferrata.records.explanation import Difference, Effect, Noise, Verdict
from ferrata.steps.explaining import hashes
from ferrata.steps.explaining.measure import Measure, measure_of
from ferrata.steps.explaining.narrowing import smallest
from ferrata.steps.explaining.setup import Conditions, Obtained
from ferrata.steps.explaining.trials import PLAIN, OverBudget, Trials

RUNS, MOST_RUNS = 5, 20
_QUICK = 3.0  # seconds; what is this quick is run four times, so that few values are not the same by chance
# Quantile 0.995 of Student's t for n - 1 degrees of freedom: a run to come lies in mean ± t·s·√(1 + 1/n) in 99 of 100 cases, where runs vary normally.
_T = {2: 63.66, 3: 9.925, 4: 5.841, 5: 4.604, 6: 4.032, 7: 3.707, 8: 3.499, 9: 3.355, 10: 3.250, 12: 3.106, 15: 2.977, 20: 2.861, 25: 2.797}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@dataclass(frozen=True)
class Source:
    """A source of chance, what takes it away in a trial, and what to do about it. `kinds` are those of the trace that name its statements."""

    word: str
    words: str
    fixed: Conditions
    todo: str
    kinds: tuple[str, ...] = ()


SOURCES = (
    Source("hash-seed", "the order of sets and of hashes, which Python draws anew for each process", Conditions((("PYTHONHASHSEED", "0"),)),
           "Sort what comes out of a set before it matters; or fix it: meta: {env: [PYTHONHASHSEED]} in dvc.yaml, and PYTHONHASHSEED=0 ferrata run", ("hash",)),
    Source("seed", "random numbers without a seed", Conditions(shims=(("seed", True),)),
           "Give it a seed: random_state=0, numpy.random.default_rng(0), random.seed(0)", ("random",)),
    Source("clock", "the time of day", Conditions(shims=(("clock", 1_700_000_000),)),
           "Take the time out of what is computed, or make it a parameter", ("clock",)),
    Source("threads", "several threads, which add up in no fixed order", Conditions(tuple((name, "1") for name in THREADS)),
           "Use one thread where the last digits matter: OMP_NUM_THREADS=1 ferrata run --force"),
)  # fmt: skip


@dataclass(frozen=True)
class Repeated:
    """`measure` is None where every run gave the same; `fixed` makes runs repeat themselves, where that was found."""

    results: tuple[Obtained, ...]
    measure: Measure | None = None
    fixed: Conditions | None = None
    noise: Noise | None = None


def repeat(trials: Trials, first: Obtained, *, runs: int = 2) -> Repeated:
    """Run the same again; where that gives something else, more often, and see what takes the difference away."""
    results = [first, *(trials.run(again=number) for number in range(1, runs))]
    if first.seconds < _QUICK:
        runs += 2
        results += [trials.run(again=number) for number in range(runs - 2, runs)]
    measure = measure_of(first, [each for each in results[1:] if not each.failed])
    if measure is None:
        return Repeated(tuple(results))
    results += [trials.run(again=number) for number in range(runs, RUNS)]
    whole = measure_of(first, [each for each in results[1:] if not each.failed]) or measure
    fixed, sources = find_sources(trials, whole)
    noise = Noise(len(results), spread_of(results, whole), whole.names, tuple(sources))
    return Repeated(tuple(results), whole, fixed, noise)


def repeated_more(trials: Trials, repeated: Repeated, measure: Measure) -> Repeated:
    """Few runs may lie close together by chance: before a result is said to be none of theirs, as many as make that unlikely."""
    results = list(repeated.results)
    try:
        results += [trials.run(again=number) for number in range(len(results), MOST_RUNS)]
    except OverBudget:
        pass
    results = [each for each in results if not each.failed]
    noise = replace(repeated.noise, runs=len(results), spread=spread_of(results, measure)) if repeated.noise else None
    return replace(repeated, results=tuple(results), noise=noise)


def spread_of(results: Sequence[Obtained], measure: Measure) -> Mapping[str, tuple[Any, Any]]:
    if not measure.are_scores:
        return {}
    values = {name: [each.scores[name] for each in results if name in each.scores] for name in measure.names}
    return {name: (min(found), max(found)) for name, found in values.items() if found}


def find_sources(trials: Trials, measure: Measure) -> tuple[Conditions | None, list[Verdict]]:
    """The fewest sources of chance without which runs repeat themselves, each with the statements that draw from it."""
    if not repeats(trials, measure, merged(SOURCES)):
        return None, []
    needed = smallest(SOURCES, lambda some: repeats(trials, measure, merged(some)))
    trace = trials.run(conditions=Conditions(shims=(("trace", True),))).trace
    return merged(needed), [_verdict(source, _where(trials, measure, source, trace)) for source in needed]


def _where(trials: Trials, measure: Measure, source: Source, trace: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, str]]:
    """Of a set the one that is proved by sorting it."""
    proved = hashes.statements(trials, measure) if source.word == "hash-seed" else []
    return proved or statements_of(trace, source.kinds)


def merged(sources: Sequence[Source]) -> Conditions:
    found = PLAIN
    for source in sources:
        found = found.merged(source.fixed)
    return found


def repeats(trials: Trials, measure: Measure, conditions: Conditions) -> bool:
    """Asked more often of what is quick: few values are soon the same by chance."""
    first = trials.run(conditions=conditions)
    times = 6 if first.seconds < _QUICK else 3
    return all(measure.same(first, trials.run(conditions=conditions, again=number)) for number in range(1, times))


def _verdict(source: Source, where: Sequence[tuple[str, int, str]]) -> Verdict:
    place, line, text = where[0] if where else ("", 0, "")
    name = source.words + (f": {place}, line {line}: {text}" if where else "")
    more = f"; also {', '.join(f'{path}, line {number}' for path, number, _ in where[1:4])}" if len(where) > 1 else ""
    difference = Difference("randomness", name, place=place, line=line, payload=source.word)
    return Verdict((difference,), Effect.WHOLE, why=f"with it fixed, runs repeat themselves{more}", todo=source.todo)


def statements_of(trace: Sequence[Mapping[str, Any]], kinds: Sequence[str]) -> list[tuple[str, int, str]]:
    """(file, line, statement) in the order in which they were first run."""
    found = [(str(each["file"]), int(each["line"]), str(each.get("text", ""))) for each in trace if each.get("kind") in kinds and each.get("file")]
    return list(dict.fromkeys(found))


def is_within(results: Sequence[Obtained], there: Obtained, measure: Measure) -> bool:
    """Whether every score there is one that a further run here could have given, at a level of 99 %."""
    if not measure.are_scores:
        return any(measure.same(each, there) for each in results)
    return all(could_be([each.scores[name] for each in results if name in each.scores], there.scores[name]) for name in measure.names if name in there.scores)


def could_be(values: Sequence[float], value: float) -> bool:
    """Whether a value is one of these, or lies where the next one would in 99 of 100 cases."""
    if value in values:
        return True
    if len(values) < 2 or not all(map(math.isfinite, (*values, value))):
        return False
    reach = _T[max(number for number in _T if number <= len(values))] * statistics.stdev(values) * math.sqrt(1 + 1 / len(values))
    return abs(value - statistics.fmean(values)) <= reach


