"""Does a project repeat itself under other conditions? Each probe is one of them, tried alone against the first run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ferrata.records.explanation import Difference, Effect, Verdict
from ferrata.steps.explaining import hashes, outside
from ferrata.steps.explaining.measure import Measure, measure_of
from ferrata.steps.explaining.noise import THREADS, statements_of
from ferrata.steps.explaining.setup import Conditions, Obtained
from ferrata.steps.explaining.trials import PLAIN, TIME, OverBudget, Trials

_NUMPY = "AVX512F AVX512CD AVX512_SKX AVX2 FMA3"


@dataclass(frozen=True)
class Probe:
    """`ways` are the conditions to try, `base` what they are compared under; `kinds` of the trace name the statements."""

    word: str
    name: str
    ways: tuple[Conditions, ...]
    todo: str
    base: Conditions = PLAIN
    kinds: tuple[str, ...] = ()


def _variables(**values: str | None) -> Conditions:
    return Conditions(tuple(values.items()))


def probes(machine: Mapping[str, Any], scratch: str) -> Iterator[Probe]:
    zero = _variables(PYTHONHASHSEED="0")
    yield Probe("hash-seed", "another hash seed", (_variables(PYTHONHASHSEED="1"), _variables(PYTHONHASHSEED="2")),
                "Sort what a set gives before it matters, or name PYTHONHASHSEED in dvc.yaml (meta: {env: [PYTHONHASHSEED]}) and set it", zero, ("hash",))
    many = str(max(2, int(machine.get("usable_cores") or 2)))
    yield Probe("threads", "another number of threads", tuple(Conditions(tuple((name, count) for name in THREADS)) for count in ("1", many)),
                "Fix it for every run: OMP_NUM_THREADS=1 ferrata run --force")  # fmt: skip
    listed = tuple(Conditions(shims=(("order", order),)) for order in ("sorted", "reversed"))
    yield Probe("listing", "another order of the names in a folder", listed, "Sort what is listed: for name in sorted(os.listdir(…))", kinds=("listing",))
    zones = tuple(_variables(TZ=zone) for zone in ("Asia/Tokyo", "America/Los_Angeles") if zone != os.environ.get("TZ"))
    yield Probe("time-zone", "another time zone", zones, "Say which one is meant in the code: datetime.now(timezone.utc)", kinds=("clock",))
    ascii_ = _variables(LC_ALL="C", LANG="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    yield Probe("language", "another language and encoding", (ascii_, _variables(LC_ALL="C.UTF-8")), 'Say the encoding: open(path, encoding="utf-8")')
    yield Probe("place", "another folder", (Conditions(place="somewhere-else"),), "Take paths relative to the project, and let none of them into a result",
                kinds=("place",))  # fmt: skip
    somebody = _variables(HOME=scratch, USER="somebody", LOGNAME="somebody", XDG_CACHE_HOME=None)
    yield Probe("user", "another user and home", (somebody,), "Keep what the result depends on in the project, not in a home folder")
    yield Probe("clock", "another day", (Conditions(shims=(("clock", 1_500_000_000),)),), "Make the day a parameter", kinds=("clock",))
    yield Probe("network", "no network", (outside.WITHOUT,), outside.TODO, kinds=(outside.KIND,))
    if {"avx2", "sse4_2"} <= set(machine.get("cpu_features") or ()):
        older = _variables(OPENBLAS_CORETYPE="Nehalem", NPY_DISABLE_CPU_FEATURES=_NUMPY)
        yield Probe("instructions", "a processor with fewer instruction sets", (older,), "Compare results of other machines with a bound, not to the last bit")


def probe_all(trials: Trials, found: Sequence[Probe], base: Conditions, tell: Callable[[str], None]) -> tuple[list[Verdict], str]:
    """A verdict for each, and why some were not tried."""
    verdicts: list[Verdict] = []
    trace: tuple[dict[str, Any], ...] | None = None
    for number, probe in enumerate(found):
        try:
            first, result, measure = _tried(trials, probe, base)
            if measure is not None and trace is None:
                trace = trials.run(conditions=base.merged(Conditions(shims=(("trace", True),)))).trace
            seen = result.trace if probe.word == outside.KIND else trace or ()
            where = _where(trials, probe, measure, seen) if measure is not None else statements_of(result.trace, probe.kinds)
        except OverBudget:
            rest = [Verdict((Difference(each.word, each.name),), Effect.NOT_TRIED, why=TIME) for each in found[number:]]
            return [*verdicts, *rest], TIME
        verdicts.append(_verdict(probe, first, result, measure, where))
        tell(f"{'✓' if measure is None and not result.failed else '✗'} {probe.name}: {'changes nothing' if measure is None else 'changes the results'}")
    return verdicts, ""


def _tried(trials: Trials, probe: Probe, base: Conditions) -> tuple[Obtained, Obtained, Measure | None]:
    """What it is compared with, the first way that gives other results, and what tells them apart."""
    first = trials.run(conditions=base.merged(probe.base))
    result = first
    for way in probe.ways:
        result = trials.run(conditions=base.merged(way))
        measure = measure_of(first, [result]) if not result.failed else None
        if measure is not None or result.failed:
            return first, result, measure
    return first, result, None


def _where(trials: Trials, probe: Probe, measure: Measure, trace: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, str]]:
    if probe.word == "hash-seed" and (found := hashes.statements(trials, measure)):
        return found
    return statements_of(trace, probe.kinds)


def _verdict(probe: Probe, first: Obtained, result: Obtained, measure: Measure | None, where: Sequence[tuple[str, int, str]]) -> Verdict:
    said = f"; read in {where[0][0]}, line {where[0][1]}: {where[0][2]}" if where else ""
    if measure is None and result.failed:
        return Verdict((Difference(probe.word, probe.name),), Effect.NOT_TRIED, why=f"it does not run so: {result.failed}{said}", todo=probe.todo)
    if measure is None:
        return Verdict((Difference(probe.word, probe.name),), Effect.NONE)
    place, line, _ = where[0] if where else ("", 0, "")
    more = "".join(f"; {path}, line {number}" for path, number, _ in where[1:4])
    difference = Difference(probe.word, probe.name, place=place, line=line)
    moved = ", ".join(f"{name}{_from_to(first, result, name) if measure.are_scores else ''}" for name in measure.names[:4])
    return Verdict((difference,), Effect.WHOLE, None, dict(result.scores), f"it moves {moved}{said}{more}", probe.todo)


def _from_to(first: Obtained, result: Obtained, name: str) -> str:
    """With every digit: a difference in the last one is another thing than one in the first."""
    return f" ({first.scores.get(name)!r} → {result.scores.get(name)!r})"
