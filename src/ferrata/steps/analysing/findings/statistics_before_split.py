"""Missing values are filled, or columns are scaled or encoded, with statistics of all rows before the split.

Written with pandas (`df.fillna(df.mean())`) this is the same leak as an imputer fitted too early: the filled training
rows contain the mean of the test rows. With a mean of the *target* per group it can be most of the score.

Bad:

    df["age"] = df["age"].fillna(df["age"].mean())
    train, test = train_test_split(df, random_state=0)

Good:

    train, test = train_test_split(df, random_state=0)
    age = train["age"].mean()
    train, test = train.fillna({"age": age}), test.fillna({"age": age})

Certain: `likely`; one mean over many rows moves a score little, a target mean per group moves it much.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ferrata.records.finding import Finding
from ferrata.steps.analysing.findings.context import FindingContext, called, one_line, parsed, runs_later
from ferrata.steps.analysing.findings.leakage import target_names, test_splits, upstream

CODE = "F107"
NAME = "statistics-before-split"

_STATISTICS = frozenset({"mean", "median", "mode", "std", "quantile", "max", "min"})
_CENTRES = frozenset({"mean", "median", "mode"})


def find(context: FindingContext) -> Iterable[Finding]:
    splits = [split for split in test_splits(context) if split.call.kind == "split"]
    if not splits:
        return
    needed = upstream(context, splits[0])
    if any(split.trace.index in needed for split in context.steps("split")):
        return
    filled = [(index, node) for index in sorted(needed) for node in _fills(context.sources.get(index, ""))]
    yield from _filled(context, filled, context.place_of(splits[0]).cell)
    for index in sorted(needed):
        for column, node in _target_means(context.sources.get(index, ""), target_names(context)):
            yield _target_mean(context, index, column, node)


def _filled(context: FindingContext, filled: list[tuple[int, ast.Call]], cell: int) -> Iterator[Finding]:
    if not filled:
        return
    index, first = filled[0]
    where = context.place(index, first.lineno)
    more = f" (and {len(filled) - 1} more like it)" if len(filled) > 1 else ""
    yield Finding(
        CODE, NAME, where.cell, where.line,
        what=f"`{one_line(ast.unparse(first))}`{more} uses a statistic of all rows; the test rows are split off only in cell {cell}.",
        why="The training rows are filled with values that the test rows helped to make, so the test score is a little too good.",
        todo="Split first and compute the value on the training rows, e.g. `SimpleImputer` in a `Pipeline` with the model.", certain="likely",
    )


def _target_mean(context: FindingContext, index: int, column: str, node: ast.Call) -> Finding:
    where = context.place(index, node.lineno)
    return Finding(
        CODE, NAME, where.cell, where.line,
        what=f"`{one_line(ast.unparse(node))}` makes a feature of the mean of the target `{column}` over all rows, test rows included.",
        why=f"Each test row's own `{column}` is in its feature; in small groups the model can read the answer off.",
        todo="Compute the means on the training rows only and map them onto both parts, or use scikit-learn's `TargetEncoder` in a `Pipeline`.",
        certain="likely",
    )


def _fills(source: str) -> Iterator[ast.Call]:
    """`x.fillna(x.mean())` and `x.replace(0, x.mean())` on plain tables; fills within each group are left alone."""
    tree = parsed(source)
    if runs_later(tree):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in ("fillna", "replace") and any(_has_statistic(part) for part in node.args[:2]):
            yield node


def _has_statistic(node: ast.expr) -> bool:
    return any(isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in _CENTRES for inner in ast.walk(node))


def _target_means(source: str, columns: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """`df.groupby("city")["price"].transform("mean")` or `.map(df.groupby("city")["price"].mean())` where `price` is the target."""
    tree = parsed(source)
    if runs_later(tree) or not columns:
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and called(node) in ("transform", "map")):
            continue
        inside = [node.func, *node.args]
        grouped = [inner for part in inside for inner in ast.walk(part) if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Call)]
        for subscript in grouped:
            key = subscript.slice
            if called(subscript.value) == "groupby" and isinstance(key, ast.Constant) and key.value in columns and _averages(node):  # type: ignore[arg-type]
                yield str(key.value), node


def _averages(node: ast.Call) -> bool:
    words = {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    words |= {str(inner.value) for inner in ast.walk(node) if isinstance(inner, ast.Constant)}
    return bool(words & _STATISTICS)
