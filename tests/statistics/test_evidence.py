"""Tests and intervals against SciPy, against published figures, and against what they must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ferrata.statistics.bootstrap import Pair, distributions
from ferrata.statistics.corrections import holm
from ferrata.statistics.equivalence import equivalence_p
from ferrata.statistics.measures import Median, mean_of
from ferrata.statistics.paired import mcnemar, permutation_p
from ferrata.statistics.power import mcnemar_power, mcnemar_rows, rows_to_show_equivalence, rows_to_tell
from ferrata.statistics.repeated import corrected_t, seeds_t, spread
from ferrata.statistics.scores import SCORES, Rows
from ferrata.statistics.verdict import Chance, judge


def right(gained: int, lost: int, both: int = 20) -> tuple[np.ndarray, np.ndarray]:
    first = np.array([False] * gained + [True] * lost + [True] * both)
    return first, np.array([True] * gained + [False] * lost + [True] * both)


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (5, 5), (9, 1), (1, 9), (86, 150), (0, 1), (0, 6)])
def test_mcnemar_is_the_exact_binomial_test(gained: int, lost: int) -> None:
    found = mcnemar(*right(gained, lost))
    expected = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert (found.gained, found.lost) == (gained, lost)
    assert found.p_value == pytest.approx(expected)
    point = stats.binom.pmf(gained, gained + lost, 0.5) if gained + lost else 0.0
    assert found.mid_p == pytest.approx(expected - point if gained != lost else 1 - point / 2)


def test_mcnemar_s_rows_are_connor_s() -> None:
    """Connor 1987, p01 = 0.45, p10 = 0.05, 80 % power at 5 %: 23 pairs. The textbook's 0.15 against 0.05 without its square root: 155."""
    assert math.ceil(mcnemar_rows(0.45, 0.05)) == 23
    assert math.ceil(mcnemar_rows(0.15, 0.05)) == 155


@pytest.mark.parametrize(("gained", "lost", "rows"), [(0.45, 0.05, 23), (0.08, 0.02, 60), (0.3, 0.3, 40)])
def test_mcnemar_s_exact_power_is_the_sum_over_all_tables(gained: float, lost: float, rows: int) -> None:
    total = 0.0
    for apart in range(rows + 1):
        told = [up for up in range(apart + 1) if apart and stats.binomtest(up, apart).pvalue <= 0.05]
        total += stats.binom.pmf(apart, rows, gained + lost) * sum(stats.binom.pmf(up, apart, gained / (gained + lost)) for up in told)
    assert mcnemar_power(gained, lost, rows) == pytest.approx(total, rel=1e-6)


def test_the_power_at_connor_s_rows_is_about_what_was_asked() -> None:
    """The exact test is more careful than the normal one the formula is of."""
    assert 0.68 <= mcnemar_power(0.45, 0.05, 23) <= 0.86
    assert 0.72 <= mcnemar_power(0.15, 0.05, 155) <= 0.83


def test_holm_is_r_s_p_adjust() -> None:
    given = {"a": 0.04, "b": 0.01, "c": 0.03, "d": 0.02, "e": 0.05}
    assert holm(given) == pytest.approx({"a": 0.09, "b": 0.05, "c": 0.09, "d": 0.08, "e": 0.09})
    assert holm({"one": 0.7, "other": 0.9}) == {"one": 1.0, "other": 1.0} and holm({}) == {}


def test_permutation_agrees_with_scipy() -> None:
    generator = np.random.default_rng(3)
    first = generator.gamma(2.0, size=40)
    second = first + generator.normal(0.25, 0.8, size=40)
    expected = stats.permutation_test((first, second), lambda one, other: np.mean(other - one), permutation_type="samples", n_resamples=20_000, rng=1).pvalue
    assert permutation_p(mean_of(first), mean_of(second), permutations=20_000) == pytest.approx(expected, abs=0.015)
    assert permutation_p(mean_of(first), mean_of(first)) == 1.0


def test_the_interval_agrees_with_scipy_s_bca() -> None:
    generator = np.random.default_rng(5)
    first = generator.gamma(1.5, 3.0, size=400)
    second = first * 0.9 + generator.gamma(1.0, 0.6, size=400)
    pair = Pair(mean_of(first), mean_of(second))
    drawn = distributions({"mean": pair}, draws=20_000)["mean"]
    expected = stats.bootstrap((second - first,), np.mean, n_resamples=20_000, rng=2).confidence_interval
    assert drawn.interval() == pytest.approx((expected.low, expected.high), abs=0.03 * (expected.high - expected.low))
    assert drawn.p_value(drawn.quantile(0.01)) == pytest.approx(0.02, abs=0.004), "the p value is the interval turned round"


def test_the_same_seed_draws_the_same() -> None:
    values = np.random.default_rng(0).normal(size=(2, 9000))
    pairs = {"mean": Pair(mean_of(values[0]), mean_of(values[1])), "median": Pair(Median(values[0]), Median(values[1]))}
    once, again = (distributions(pairs, seed=4, threads=threads) for threads in (1, 2))
    assert all(once[name].draws == pytest.approx(again[name].draws, rel=1e-12, abs=1e-15) for name in pairs)
    assert not np.array_equal(once["mean"].draws, distributions(pairs, seed=5)["mean"].draws)


def test_equivalence_is_the_90_percent_interval_within_the_margin() -> None:
    values = np.random.default_rng(1).normal(size=(2, 500))
    drawn = distributions({"mean": Pair(mean_of(values[0]), mean_of(values[1]))})["mean"]
    low, high = drawn.interval(0.9)
    reach = max(-low, high)
    assert equivalence_p(drawn, reach * 1.02) < 0.05 < equivalence_p(drawn, reach * 0.98)


def test_rows_to_tell_are_those_of_the_t_test() -> None:
    """A difference of half a standard deviation: 31.4 rows with the normal approximation for 80 % (Cohen 1988 has 33 with Student's)."""
    assert rows_to_tell(0.5, 1 / math.sqrt(100), 100) == pytest.approx(31.4, abs=0.1)
    assert rows_to_tell(0.0, 0.1, 100) == math.inf
    assert rows_to_show_equivalence(0.02, 0.01, 100, margin=0.01) == math.inf


def test_the_corrected_t_test_is_the_plain_one_without_overlap_and_more_careful_with_it() -> None:
    differences = [0.02, 0.01, 0.03, -0.01, 0.02, 0.015, 0.0, 0.01]
    plain = stats.ttest_1samp(differences, 0.0)
    assert corrected_t(differences, 0, 100).p_value == pytest.approx(plain.pvalue)
    careful = corrected_t(differences, 25, 75)
    by_hand = np.mean(differences) / math.sqrt((1 / 8 + 1 / 3) * np.var(differences, ddof=1))
    assert careful.p_value == pytest.approx(2 * stats.t.sf(by_hand, 7)) and careful.p_value > plain.pvalue
    assert corrected_t([0.0, 0.0], 1, 3).p_value == 1.0


def test_seeds_are_compared_by_welch_s_test() -> None:
    first, second = [0.80, 0.82, 0.79, 0.81], [0.84, 0.83, 0.86, 0.82, 0.85]
    expected = stats.ttest_ind(second, first, equal_var=False)
    found = seeds_t(first, second)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))


def test_the_spread_of_a_few_trainings_is_itself_uncertain() -> None:
    found = spread([0.80, 0.82, 0.79, 0.81, 0.84])
    assert found.deviation == pytest.approx(0.01923538, rel=1e-6)
    assert (found.low, found.high) == pytest.approx((0.0115246, 0.0552738), rel=1e-4)


def pairs_of(rows: int, gained: int, lost: int) -> Rows:
    truth = np.ones(rows, dtype=int)
    truth[: rows // 2] = 0
    first, second = truth.copy(), truth.copy()
    first[:gained] = 1 - first[:gained]
    second[rows - lost :] = 1 - second[rows - lost :]
    return Rows(truth, first, second, (0, 1))


@pytest.mark.parametrize(
    ("rows", "gained", "lost", "word"),
    [
        (300, 0, 0, "the same"), (300, 8, 5, "cannot tell"), (60, 5, 0, "cannot tell"), (300, 30, 5, "better"), (300, 5, 30, "worse"),
        (20_000, 20, 18, "equivalent"),
    ],
)
def test_the_verdict(rows: int, gained: int, lost: int, word: str) -> None:
    (judged,) = judge(pairs_of(rows, gained, lost), ["accuracy"], "accuracy")
    assert judged.verdict == word
    assert judged.difference == pytest.approx((gained - lost) / rows)
    assert (judged.rows_to_tell > rows) == (word == "cannot tell")


def test_chance_in_training_takes_a_verdict_back() -> None:
    rows = pairs_of(300, 30, 5)
    (alone,), (both,) = judge(rows, ["accuracy"], "accuracy"), judge(rows, ["accuracy"], "accuracy", chance={"accuracy": Chance(0.05 * math.sqrt(2), 8)})
    assert (alone.verdict, both.verdict) == ("better", "cannot tell")
    assert both.low < alone.low and both.high > alone.high and both.p_value > alone.p_value


def test_the_main_score_is_not_corrected_and_the_others_are() -> None:
    rows = pairs_of(300, 20, 5)
    judged = judge(rows, ["accuracy", "balanced accuracy", "f1"], "accuracy")
    assert judged[0].is_main and judged[0].adjusted == judged[0].p_value
    assert all(each.adjusted >= each.p_value for each in judged[1:]) and judged[1].adjusted > judged[1].p_value


def test_few_rows_of_a_class_give_no_interval_rather_than_a_wrong_one() -> None:
    truth = np.zeros(50, dtype=int)
    truth[0] = 1
    given = np.random.default_rng(0).random((2, 50))
    probabilities = [np.column_stack([1 - each, each]) for each in given]
    rows = Rows(truth, *((each > 0.5).astype(int) for each in given), ("No", "Yes"), *probabilities)
    (judged,) = judge(rows, ["AUC"], "AUC")
    assert judged.verdict == "cannot tell" and math.isnan(judged.low) and math.isnan(judged.p_value)


def test_errors_have_a_margin_in_their_own_unit() -> None:
    generator = np.random.default_rng(2)
    truth = generator.gamma(4.0, 100.0, 500)
    first = truth + generator.normal(0, 50, 500)
    (judged,) = judge(Rows(truth, first, first + generator.normal(0, 0.5, 500)), ["MAE"], "MAE")
    assert judged.margin == pytest.approx(0.01 * judged.first) and judged.verdict in ("equivalent", "better", "worse")
    assert not SCORES["MAE"].is_up_better


def test_many_rows_are_weighed_piece_by_piece_with_the_same_spread() -> None:
    """What is held for 60,000 rows is single precision and a window around the median; the standard errors are those of theory."""
    values = np.random.default_rng(8).normal(size=(2, 60_000))
    values[1] += 1
    pairs = {"mean": Pair(mean_of(values[0]), mean_of(values[1])), "median": Pair(Median(values[0]), Median(values[1]))}
    drawn = distributions(pairs)
    assert drawn["mean"].standard_error == pytest.approx(math.sqrt(2 / 60_000), rel=0.06)
    assert drawn["median"].standard_error == pytest.approx(math.sqrt(math.pi / 60_000), rel=0.08)
    for name, each in drawn.items():
        assert abs(np.mean(each.draws) - each.value) < 0.1 * each.standard_error, name
