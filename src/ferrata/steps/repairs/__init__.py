"""Forward repair: small rewrites for what today's libraries removed, renamed or quietly changed.

A rule finds changes and makes none. `repair` gives the edits to try after a failure, `silent_repairs` those for code that runs and does
something else today. `compose` applies a statement's edits to its original text.
"""

from __future__ import annotations

from ferrata.steps.repairs.composing import compose, effective
from ferrata.steps.repairs.engine import repair, silent_repairs
from ferrata.steps.repairs.rules import RULES

__all__ = ["RULES", "compose", "effective", "repair", "silent_repairs"]
