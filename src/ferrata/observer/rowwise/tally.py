"""What a prediction function answers beside what the notebook did: how many differ, and by how much the others do at most."""

import math

BOUND = 1e-9
# A network computes with 24 bits, and rounds otherwise in batches of another size.
NETWORK_BOUND = 1e-5
_MOST_SHOWN = 5


class Tally:
    """`bound`: the most that counts as equal, relative for a prediction, absolute for a probability. Labels and words have none."""

    def __init__(self, expected, chances, bound=BOUND):
        self.expected, self.chances, self.bound = expected, chances, bound
        self.among = set()  # wrong in a batch too
        self.wrong, self.shown, self.largest, self.chance_gap, self.chance_count = set(), [], 0.0, 0.0, 0

    def add(self, number, answer, how):
        gap = gap_of(self.expected[number], answer["prediction"])
        self.largest = max(self.largest, gap if gap <= self.bound else 0.0)
        if gap > self.bound:
            self._differs(number, how, self.expected[number], answer["prediction"])
        if self.chances is not None and "probabilities" in answer:
            values = list(answer["probabilities"].values())
            wanted = self.chances[number].tolist()
            far = max((abs(a - b) for a, b in zip(values, wanted)), default=0.0) if len(values) == len(wanted) else 1.0
            self.chance_gap, self.chance_count = max(self.chance_gap, far), self.chance_count + 1
            if not far <= self.bound:
                self._differs(number, how, wanted, values)

    def _differs(self, number, how, wanted, got):
        self.wrong.add(number)
        if how != "alone":
            self.among.add(number)
        if len(self.shown) < _MOST_SHOWN:
            self.shown.append(f"row {number} ({how}): expected {wanted}, got {got}")

    def found(self, rows, single):
        level = "different" if self.wrong else "identical" if self.largest == 0.0 else "equal"
        chances = ""
        if self.chance_count:
            chances = "identical" if self.chance_gap == 0.0 else f"equal within {self.chance_gap:.1e}" if self.chance_gap <= self.bound else "different"
        return {"rows": rows, "single": single, "mismatches": len(self.wrong), "level": level, "probabilities": chances,
                "largest_difference": self.largest, "bound": self._stated(), "first": self.shown,
                "only_alone": bool(self.wrong) and not self.among}

    def _stated(self):
        """What whoever asks again may count on: the power of ten above ten times the largest difference; None where the usual bound holds."""
        largest = max(self.largest, self.chance_gap)
        if self.wrong or largest <= BOUND:
            return None
        return min(float(f"1e{math.ceil(math.log10(largest)) + 1}"), self.bound)


def gap_of(wanted, got):
    """0 for the same, a relative difference for numbers, 1 for anything else."""
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return max((gap_of(a, b) for a, b in zip(wanted, got)), default=0.0)
    numbers = all(isinstance(value, (int, float)) for value in (wanted, got))
    if wanted == got or (numbers and wanted != wanted and got != got):
        return 0.0
    return abs(wanted - got) / max(abs(wanted), abs(got), 1e-300) if numbers and got == got and wanted == wanted else 1.0
