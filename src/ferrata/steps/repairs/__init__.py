"""Forward repair: small rewrites for what today's libraries removed, renamed or quietly changed.

A rule finds changes and makes none. `repair` gives the edits to try after a failure, `silent_repairs` those for code that runs and does
something else today. `compose` applies a statement's edits to its original text.
`explain` says why a notebook does not run.
"""

from __future__ import annotations

from ferrata.steps.repairs.causes import explain
from ferrata.steps.repairs.causes.scene import without_scratch
from ferrata.steps.repairs.composing import compose, effective
from ferrata.steps.repairs.engine import repair, silent_repairs
from ferrata.steps.repairs.rules import RULES

__all__ = ["RULES", "compose", "effective", "explain", "repair", "silent_repairs", "without_scratch"]
