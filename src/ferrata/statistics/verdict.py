"""From a difference and its uncertainty to a word."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Chance:
    """What training adds to a difference: its standard `error`, known with so many `degrees` of freedom."""

    error: float
    degrees: float


@dataclass(frozen=True)
class Tested:
    """A score of both versions, what was drawn of its difference, and the p value of the `test` that fits; NaN where there is none."""

    name: str
    pair: Pair
    drawn: Distribution
    p_value: float = math.nan
    test: str = ""
    chance: Chance | None = None


def judge(rows: Rows, names: list[str], main: str, *, margin: float = 0.01, chance: Mapping[str, Chance] | None = None, seed: int = 0) -> tuple[Judged, ...]:
    """The named scores, the main one first. A margin is absolute for scores without a unit, else that share of the first version's value.

    `chance` is what training adds, by score. It is added to the uncertainty of the rows.
    """
    ordered = [main, *(name for name in names if name != main)]
    pairs = {name: SCORES[name].pair(rows) for name in ordered}
    drawn = distributions(pairs, seed=seed)
    tests = {name: _test(SCORES[name], rows, pairs[name], drawn[name], seed) if drawn[name].is_defined else (math.nan, "") for name in ordered}
    return concluded([Tested(name, pairs[name], drawn[name], *tests[name], (chance or {}).get(name)) for name in ordered], margin)


def concluded(tested: list[Tested], margin: float) -> tuple[Judged, ...]:
    """The first is the main score; the p values of the others are corrected for their number."""
    found = {each.name: max(each.p_value, _with_chance(each.drawn, each.chance)[2]) if each.chance else each.p_value for each in tested if each.test}
    main = tested[0].name
    adjusted = {name: p for name, p in found.items() if name == main} | holm({name: p for name, p in found.items() if name != main})
    return tuple(_judged(each, found.get(each.name, math.nan), adjusted.get(each.name, math.nan), margin, is_main=each.name == main) for each in tested)


def _test(score: Score, rows: Rows, pair: Pair, drawn: Distribution, seed: int) -> tuple[float, str]:
    """The test that fits: exact where there is one."""
    if score.name == "accuracy":
        return mcnemar(rows.first == rows.truth, rows.second == rows.truth).p_value, "exact McNemar"
    if isinstance(pair.first, Moments) and isinstance(pair.second, Moments) and pair.first.rows <= PERMUTED_TO:
        return max(permutation_p(pair.first, pair.second, seed=seed), drawn.p_value()), "permutation"
    return drawn.p_value(), "bootstrap"


def _with_chance(drawn: Distribution, chance: Chance) -> tuple[float, float, float]:
    """(low, high, p): the half-widths of the interval and that of the training add as squares do, by Student's t with Satterthwaite's degrees (Biometrics
    Bulletin 2, 1946).
    """
    error, degrees = _together(drawn, chance)
    more = float(special.stdtrit(degrees, 1 - LEVEL / 2)) * chance.error
    low, high = drawn.interval()
    reach = (math.hypot(drawn.value - low, more), math.hypot(high - drawn.value, more))
    return drawn.value - reach[0], drawn.value + reach[1], 2 * float(special.stdtr(degrees, -abs(drawn.value) / error)) if error else 1.0


def _together(drawn: Distribution, chance: Chance) -> tuple[float, float]:
    """(standard error, degrees of freedom) of rows and training."""
    error = math.hypot(drawn.standard_error, chance.error)
    parts = drawn.standard_error**4 / drawn.degrees + chance.error**4 / chance.degrees
    return error, error**4 / parts if parts else drawn.degrees


def _judged(tested: Tested, p_value: float, adjusted: float, margin: float, *, is_main: bool) -> Judged:
    score, pair, drawn, chance = SCORES[tested.name], tested.pair, tested.drawn, tested.chance
    margin = margin if score.is_share else margin * abs(pair.first.value)
    first, second = pair.first.value, pair.second.value
    if not drawn.is_defined:
        unknown = (math.nan,) * 5
        return Judged(score.name, first, second, second - first, *unknown, "", margin, math.nan, UNKNOWN, math.inf, is_main, score.is_up_better)
    low, high = drawn.interval()
    error, equivalence = drawn.standard_error, equivalence_p(drawn, margin)
    if chance:
        low, high, _ = _with_chance(drawn, chance)
        error, degrees = _together(drawn, chance)
        sides = [float(special.stdtr(degrees, (-margin + side * drawn.value) / error)) for side in (1, -1)] if error else []
        equivalence = max(equivalence, *sides, 0.0)
    verdict = _word(score, drawn, low, high, adjusted, equivalence)
    needed = _needed(drawn, margin) if verdict == UNKNOWN and not (chance and chance.error) else 0.0
    return Judged(
        score.name, first, second, second - first, low, high, error, p_value, adjusted, tested.test,
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
