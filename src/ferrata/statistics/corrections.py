"""Many scores, many chances to be lucky: p values corrected for their number."""

from __future__ import annotations

from collections.abc import Mapping


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p values, in the order given: the smallest times their number, the next times one less, never falling (Holm, Scandinavian Journal of
    Statistics 6, 1979). What is below the level after this holds for all of them together, however they depend on one another.
    """
    ordered = sorted(p_values, key=lambda name: p_values[name])
    adjusted, least = {}, 0.0
    for at, name in enumerate(ordered):
        least = max(least, min(p_values[name] * (len(ordered) - at), 1.0))
        adjusted[name] = least
    return {name: adjusted[name] for name in p_values}
