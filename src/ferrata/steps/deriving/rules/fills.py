"""`df.ffill()`, `df["x"].interpolate()` take what stands in the rows around a gap, which a row that is asked about has not → a gap is rejected there.

Rows without a gap are as they are. Where the author's own rows of the proof have gaps that were filled, there is no function.
"""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck

_ROWS = ("root", "rows", "columns", "filter")


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if not fact.details.get("fills") or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or fact.kind not in (*_ROWS, "through"):
        return None
    rewriter.registry.is_complete = True
    rows = _rows(rewriter, node.func.value)
    return rewriter.replaced(node, rows if rewriter.is_in_order else f"complete({rows})")  # of questions of several rows all that is given is looked at


def _rows(rewriter: Rewriter, receiver: ast.expr) -> str:
    """What is filled: the receiver, or the columns of a table that is grouped."""
    known = rewriter.fact(receiver)
    if known is not None and known.kind in _ROWS:
        return rewriter.text(receiver)
    if isinstance(receiver, ast.Subscript) and isinstance(receiver.value, ast.Call) and isinstance(receiver.value.func, ast.Attribute):
        return f"{rewriter.text(receiver.value.func.value)}[{rewriter.text(receiver.slice)}]"
    raise Stuck(f"`{ast.unparse(receiver)[:80]}` is filled from the rows around each gap: a row that is asked about has no others")
