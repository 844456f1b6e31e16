"""From a difference and its uncertainty to a word."""

from __future__ import annotations

import math

from scipy import special

from ferrata.records.evidence import Judged
from ferrata.statistics.bootstrap import Distribution, Pair, distributions
from ferrata.statistics.corrections import holm
from ferrata.statistics.equivalence import equivalence_p
from ferrata.statistics.measures import Moments
from ferrata.statistics.paired import PERMUTED_TO, mcnemar, permutation_p
from ferrata.statistics.power import rows_to_show_equivalence, rows_to_tell
from ferrata.statistics.scores import SCORES, Rows, Score

LEVEL = 0.05
BETTER, WORSE, EQUIVALENT, SAME, UNKNOWN = "better", "worse", "equivalent", "the same", "cannot tell"


def judge(rows: Rows, names: list[str], main: str, *, margin: float = 0.01, noise: dict[str, float] | None = None, seed: int = 0) -> tuple[Judged, ...]:
    """The named scores, the main one first. A margin is absolute for scores without a unit, else that share of the first version's value.

    `noise`: the standard deviation of a score over trainings of one version. It is added to that of the rows, twice, as both versions were trained once.
    """
    ordered = [main, *(name for name in names if name != main)]
    pairs = {name: SCORES[name].pair(rows) for name in ordered}
    drawn = distributions(pairs, seed=seed)
    tests = {name: _test(SCORES[name], rows, pairs[name], drawn[name], seed) for name in ordered if drawn[name].is_defined}
    found = {name: p if not (noise or {}).get(name) else max(p, _with_noise(drawn[name], (noise or {})[name])[2]) for name, (p, _) in tests.items()}
    adjusted = {main: found[main]} if main in found else {}
    adjusted |= holm({name: p for name, p in found.items() if name != main})
    return tuple(
        _judged(SCORES[name], pairs[name], drawn[name], found.get(name, math.nan), adjusted.get(name, math.nan), tests.get(name, (0.0, ""))[1],
                margin, (noise or {}).get(name, 0.0), is_main=name == main)
        for name in ordered
    )  # fmt: skip


def _test(score: Score, rows: Rows, pair: Pair, drawn: Distribution, seed: int) -> tuple[float, str]:
    """The test that fits: exact where there is one."""
    if score.name == "accuracy":
        return mcnemar(rows.first == rows.truth, rows.second == rows.truth).p_value, "exact McNemar"
    if isinstance(pair.first, Moments) and isinstance(pair.second, Moments) and pair.first.rows <= PERMUTED_TO:
        return max(permutation_p(pair.first, pair.second, seed=seed), drawn.p_value()), "permutation"
    return drawn.p_value(), "bootstrap"


def _with_noise(drawn: Distribution, deviation: float) -> tuple[float, float, float]:
    """(low, high, p): the half-widths of the interval and √2·1.96·deviation add as squares do."""
    z = float(special.ndtri(1 - LEVEL / 2))
    more = math.sqrt(2) * z * deviation
    low, high = drawn.interval()
    reach = (math.hypot(drawn.value - low, more), math.hypot(high - drawn.value, more))
    error = math.hypot(drawn.standard_error, math.sqrt(2) * deviation)
    return drawn.value - reach[0], drawn.value + reach[1], 2 * float(special.ndtr(-abs(drawn.value) / error)) if error else 1.0


def _judged(
    score: Score, pair: Pair, drawn: Distribution, p_value: float, adjusted: float, test: str, margin: float, noise: float, *, is_main: bool
) -> Judged:
    margin = margin if score.is_share else margin * abs(pair.first.value)
    first, second = pair.first.value, pair.second.value
    if not drawn.is_defined:
        unknown = (math.nan,) * 5
        return Judged(score.name, first, second, second - first, *unknown, "", margin, math.nan, UNKNOWN, math.inf, is_main, score.is_up_better)
    low, high = drawn.interval()
    error = drawn.standard_error
    equivalence = equivalence_p(drawn, margin)
    if noise:
        low, high, _ = _with_noise(drawn, noise)
        error = math.hypot(error, math.sqrt(2) * noise)
        equivalence = max(equivalence, *(float(special.ndtr((-margin + side * drawn.value) / error)) for side in (1, -1)))
    verdict = _word(score, drawn, low, high, adjusted, equivalence)
    needed = _needed(drawn, margin) if verdict == UNKNOWN and not noise else 0.0
    return Judged(
        score.name, first, second, second - first, low, high, error, p_value, adjusted, test,
        margin, equivalence, verdict, needed, is_main, score.is_up_better,
    )  # fmt: skip


def _word(score: Score, drawn: Distribution, low: float, high: float, p_value: float, equivalence: float) -> str:
    if drawn.is_constant and not drawn.value:
        return SAME
    if p_value <= LEVEL and (low > 0 or high < 0):
        return BETTER if (drawn.value > 0) == score.is_up_better else WORSE
    return EQUIVALENT if equivalence <= LEVEL else UNKNOWN


def _needed(drawn: Distribution, margin: float) -> float:
    """Whichever comes first: enough rows to tell this difference, or that it does not matter."""
    return min(rows_to_tell(drawn.value, drawn.standard_error, drawn.rows), rows_to_show_equivalence(drawn.value, drawn.standard_error, drawn.rows, margin))
