"""How scores are written."""

from __future__ import annotations


def number(value: float) -> str:
    """0.8397, 123.4, 1.235e+07."""
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.4g}" if abs(value) < 1e6 else f"{value:.3e}"


def signed(value: float) -> str:
    """+0.0024, -12.4."""
    return f"{'+' if value >= 0 else '-'}{number(abs(value))}"
