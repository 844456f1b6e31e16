"""The seam of rewrites for one row: one file for each kind of step that looks at the whole data set, tried in this order.

A rule has `rewrite(rewriter, node, fact)`: the edits that make the expression right for one row, having let the pipeline record what it needs; None where
it is not the rule's business. `Stuck` says that nothing can be done.
"""

from ferrata.steps.deriving.rules import (
    categories,
    columns,
    constants,
    containers,
    dummies,
    edges,
    fills,
    fits,
    groups,
    lambdas,
    moves,
    pairs,
    progress,
    reading,
    rows,
    scalers,
    shapes,
    splits,
    tables,
    values,
)

RULES = (
    reading, moves, fills, fits, progress, scalers, constants, containers, dummies, edges, categories, pairs, groups, lambdas,
    splits, tables, rows, shapes, columns, values,
)

__all__ = ["RULES"]
