"""`x.rolling(3).mean()`, `df.groupby("shop")["sales"].transform(lambda x: x.shift(1).rolling(3).mean())` → the same for each question by itself.

A mean that moves keeps a running sum, to which the rows of another question would leave their mark. What looks back to the first row has no answer for one.
"""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact, Obstacle
from ferrata.source.edits import apply_edits, node_span
from ferrata.steps.deriving.places import column_of
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck

_ROWS = ("root", "rows", "columns", "filter")
_ENDLESS = {
    "rank": "compares each row with all others", "rolling": "looks at rows behind, or at a span of time", "shift": "moves the index, or in time",
}
_BY_COLUMN = frozenset({
    "rolling", "pct_change", "shift", "diff", "mean", "std", "var", "min", "max", "sum", "median", "quantile", "count", "skew", "round", "abs",
})
_OVER = frozenset({"rolling", "pct_change", "transform", "apply"})


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.details.get("endless") and fact.kind in (*_ROWS, "through", "moved"):
        how = _ENDLESS.get(fact.call, "goes back to the first row")
        why = f"`{ast.unparse(node)[:80]}` {how}: a row that is asked about has no others"
        if rewriter.is_in_order or column_of(rewriter.source):
            raise Stuck(why)
        rewriter.registry.doubts.append(Obstacle(rewriter.statement, why))  # whether anything depends on it shows when the function is tried
    if not rewriter.is_in_order or not isinstance(node, ast.Call) or fact.details.get("kind") not in ("series", "frame"):
        return None
    over = _over(rewriter, node)
    base = _base(rewriter, over) if over is not None else None
    return rewriter.replaced(node, _apart(rewriter, node, base)) if base is not None else None


def _chain(node: ast.expr) -> list[ast.expr]:
    """The expression and what its methods belong to, from the outside in."""
    found = [node]
    while True:
        last = found[-1]
        inner = last.func if isinstance(last, ast.Call) else last.value if isinstance(last, (ast.Attribute, ast.Subscript)) else None
        if inner is None:
            return found
        found.append(inner)


def _over(rewriter: Rewriter, node: ast.expr) -> ast.Call | None:
    """The call that computes over several rows at once."""
    for each in reversed(_chain(node)):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in _OVER:
            within = [each] if each.func.attr in ("rolling", "pct_change") else [inner for argument in each.args for inner in ast.walk(argument)]
            if any(known.details.get("back") for inner in within if (known := rewriter.fact(inner)) is not None):
                return each
    return None


def _base(rewriter: Rewriter, over: ast.Call) -> ast.expr | None:
    """The nearest table or column of rows that it is called on."""
    for each in _chain(over)[2:]:
        known = rewriter.fact(each)
        if known is not None and known.kind in _ROWS and known.details.get("kind") in ("series", "frame"):
            return each
    return None


def _apart(rewriter: Rewriter, node: ast.expr, base: ast.expr) -> str:
    start, end = node_span(rewriter.table, node)
    edits = [(*node_span(rewriter.table, base), "each")]
    for link in _chain(node)[: _chain(node).index(base)]:
        given = [*link.args, *(k.value for k in link.keywords)] if isinstance(link, ast.Call) else []
        edits += [(*node_span(rewriter.table, argument), rewriter.text(argument)) for argument in given]
    text = apply_edits(rewriter.source[start:end], [(a - start, b - start, text) for a, b, text in edits])
    known = rewriter.fact(base)
    is_column = known is not None and known.details.get("kind") == "series" and all(_is_by_column(link) for link in _chain(node)[: _chain(node).index(base)])
    return f"{'side_by_side' if is_column else 'apart'}({rewriter.text(base)}, lambda each: {text})"


def _is_by_column(link: ast.expr) -> bool:
    """A call that does with each column of a table what it does with one."""
    return isinstance(link, ast.Attribute) or (isinstance(link, ast.Call) and isinstance(link.func, ast.Attribute) and link.func.attr in _BY_COLUMN)
