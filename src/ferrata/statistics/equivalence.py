"""Whether a difference is too small to matter: two one-sided tests against a margin."""

from __future__ import annotations

from ferrata.statistics.bootstrap import Distribution


def equivalence_p(distribution: Distribution, margin: float) -> float:
    """The larger of two one-sided p values, against a difference of -margin or less and of +margin or more (TOST; Schuirmann, Journal of
    Pharmacokinetics and Biopharmaceutics 15, 1987). Below 5 % the 90 % interval lies inside the margin.
    """
    return max(distribution.below(-margin), 1 - distribution.below(margin))
