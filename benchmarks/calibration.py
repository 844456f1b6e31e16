"""Do the statistics keep their word? python benchmarks/calibration.py [--pairs 1000] [--rows 50 300 3000] [--scores AUC …] [--seeds N] [--scale]

Two versions are simulated whose true scores are known, again and again. Without a real difference "better" or "worse" may be said in 5 % of the pairs at
most; the 95 % interval must hold the true difference in 93 to 97 %. Both shares are printed with the simulation's own 95 % interval (Wilson).
`--seeds N` trains both versions N times in each pair, as `ferrata compare --seeds N` does: what every training does by chance must not be told as a difference.
`--scale` compares two runs of up to a million rows on ten scores with 2,000 draws, each size in a process of its own, and prints seconds and peak memory.
"""

from __future__ import annotations

import argparse
import math
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import numpy as np

from ferrata.statistics.bootstrap import distributions
from ferrata.statistics.scores import SCORES, Rows
from ferrata.statistics.trained import judge_trained
from ferrata.statistics.verdict import BETTER, WORSE, judge

CLASSIFYING = ("accuracy", "balanced accuracy", "f1", "AUC", "average precision", "log loss", "Brier")
NUMBERS = ("RMSE", "MAE", "R²", "MAPE", "MedAE")
TRUTH_ROWS = 4_000_000


def classified(generator: np.random.Generator, rows: int, better: float) -> Rows:
    """Truth from a logistic model of one signal. Both versions see it through noise, half of which they share; the second through less (`better` > 0)."""
    signal, shared, *own = generator.normal(size=(4, rows))
    truth = (generator.random(rows) < 1 / (1 + np.exp(-(1.6 * signal - 0.4)))).astype(int)
    given = []
    for noise, scale in zip(own, (0.8, 0.8 * (1 - better)), strict=True):
        seen = 1.6 * (signal + scale * (shared + noise) / math.sqrt(2)) - 0.4
        given.append(1 / (1 + np.exp(-0.7 * seen)))
    probabilities = [np.column_stack([1 - each, each]) for each in given]
    return Rows(truth, *((each > 0.5).astype(int) for each in given), ("No", "Yes"), *probabilities)


def measured(generator: np.random.Generator, rows: int, better: float) -> Rows:
    """Positive, skewed values; both versions miss them by errors with a common half, which grow with the value."""
    truth = 10 + generator.gamma(4.0, 5.0, size=rows)
    shared, *own = generator.normal(size=(3, rows))
    spread = 2 + 0.1 * truth
    first, second = (truth + spread * scale * (shared + each) / math.sqrt(2) for each, scale in zip(own, (1.0, 1 - better), strict=True))
    return Rows(truth, first, second)


KINDS = ((classified, CLASSIFYING), (measured, NUMBERS))


def wilson(hits: int, count: int) -> tuple[float, float]:
    share, z = hits / count, 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return middle - reach, middle + reach


def shown(hits: int, count: int) -> str:
    low, high = wilson(hits, count)
    return f"{100 * hits / count:5.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def calibrate(rows: int, pairs: int, start: int, wanted: list[str]) -> bool:
    """Whether no share lies outside of its bounds by more than the simulation's own uncertainty."""
    is_good = True
    for make, known in KINDS:
        names = [name for name in known if name in wanted]
        if not names:
            continue
        many = make(np.random.default_rng(1), TRUTH_ROWS, 0.25)
        truths = {name: SCORES[name].pair(many).difference for name in names}
        said, held, defined = dict.fromkeys(names, 0), dict.fromkeys(names, 0), dict.fromkeys(names, 0)
        for number in range(start, start + pairs):
            generator = np.random.default_rng([rows, number])
            same, other = make(generator, rows, 0.0), make(generator, rows, 0.25)
            for each in judge(same, names, names[0], seed=number):
                # Each score by itself, as if it were the main one.
                is_told = each.p_value <= 0.05 and (each.low > 0 or each.high < 0)
                said[each.name] += is_told or (each.is_main and each.verdict in (BETTER, WORSE))
            drawn = distributions({name: SCORES[name].pair(other) for name in names}, seed=number)
            for name, each in drawn.items():
                low, high = each.interval() if each.is_defined else (math.nan, math.nan)
                held[name] += low <= truths[name] <= high
                defined[name] += each.is_defined
        for name in names:
            false, cover = wilson(said[name], pairs), wilson(held[name], defined[name])
            is_fine = false[0] <= 0.05 and cover[0] <= 0.97 and cover[1] >= 0.93
            is_good &= is_fine
            print(f"{rows:>6}  {name:<18} {shown(said[name], pairs):<24} {shown(held[name], defined[name]):<26} {'' if is_fine else '✗'}", flush=True)
    return is_good


def trained(rows: int, pairs: int, seeds: int) -> bool:
    """Versions without a difference whose trainings each lean another way, by as much as test rows of 300 do; one training alone beside several."""
    names = ("accuracy", "f1", "AUC", "log loss")
    alone, together = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for number in range(pairs):
        given = _trainings(np.random.default_rng([rows, seeds, number]), rows, seeds)
        one, all_of_them = judge(given[0], list(names), names[0], seed=number), judge_trained(given, list(names), names[0], seed=number)
        for count, judged in ((alone, one), (together, all_of_them)):
            for each in judged:
                count[each.name] += each.p_value <= 0.05 and (each.low > 0 or each.high < 0)
    for name in names:
        print(f"{rows:>6}  {name:<18} {shown(alone[name], pairs):<24} {shown(together[name], pairs):<26}", flush=True)
    return all(wilson(hits, pairs)[0] <= 0.05 for hits in together.values())


def _trainings(generator: np.random.Generator, rows: int, seeds: int) -> list[Rows]:
    """The same rows; each training of each version weighs the two features that it sees otherwise, and has another bias."""
    signal, first, second = generator.normal(size=(3, rows))
    truth = (generator.random(rows) < 1 / (1 + np.exp(-(1.6 * signal - 0.4)))).astype(int)
    found = []
    for _ in range(seeds):
        given = []
        for _ in range(2):
            lean, bias = generator.normal(size=2) * 0.3
            seen = 1.6 * signal + (0.8 + lean) * first + (0.8 - lean) * second + bias - 0.4
            given.append(1 / (1 + np.exp(-0.7 * seen)))
        chances = [np.column_stack([1 - each, each]) for each in given]
        found.append(Rows(truth, *((each > 0.5).astype(int) for each in given), ("No", "Yes"), *chances))
    return found


def scale(rows: int) -> None:
    """One comparison, in this process: ten scores of two classes and their probabilities."""
    data = classified(np.random.default_rng(0), rows, 0.02)
    names = [*CLASSIFYING, "precision", "recall", "f1 macro"]
    began = time.perf_counter()
    judge(data, names, "accuracy")
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows:>9,} rows × {len(names)} scores × 2,000 draws: {seconds:6.1f} s, {peak:6.0f} MB at most", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--rows", type=int, nargs="+", default=[50, 300])
    parser.add_argument("--scores", nargs="+", default=[*CLASSIFYING, *NUMBERS], help="these alone")
    parser.add_argument("--start", type=int, default=0, help="the number of the first pair, for pairs that an earlier simulation did not have")
    parser.add_argument("--seeds", type=int, help="trainings of each version")
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        scale(options.one)
        return 0
    if options.scale:
        for rows in (10_000, 100_000, 1_000_000):
            subprocess.run([sys.executable, __file__, "--one", str(rows)], check=True)
        return 0
    print(f"{options.pairs} pairs")
    if options.seeds:
        print(f"{'rows':>6}  {'score':<18} {'one training':<24} {f'{options.seeds} trainings':<26}  told apart, none real")
        return 0 if min([trained(rows, options.pairs, options.seeds) for rows in options.rows]) else 1
    print(f"{'rows':>6}  {'score':<18} {'told apart, none real':<24} {'interval holds the truth':<26}")
    return 0 if min([calibrate(rows, options.pairs, options.start, options.scores) for rows in options.rows]) else 1


if __name__ == "__main__":
    sys.exit(main())
