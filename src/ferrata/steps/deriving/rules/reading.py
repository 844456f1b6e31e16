"""The table as it was read (or prepared) is the rows that are asked about; a forecast is asked for the steps that they name."""

from __future__ import annotations

import ast
from typing import Any

from ferrata.records.derivation import Fact
from ferrata.records.observation import Site
from ferrata.source.edits import apply_edits, node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck

_NAMES = ("start", "end")


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.kind == "root" and fact.number == rewriter.root and fact.details.get("steps"):
        return rewriter.replaced(node, f'ahead({_asked(rewriter, node, fact)}, rows["step"])')
    if "library" in fact.details and fact.details.get("of") == rewriter.root:
        return rewriter.replaced(node, library_part(fact.details["part"], fact.details["kind"]))
    if fact.kind == "root" and fact.number == rewriter.root and is_numbered(fact):
        return rewriter.replaced(node, f"{_rows(rewriter)}.rename(columns=int)")
    if fact.kind == "root" and fact.number == rewriter.root:
        asked = _rows(rewriter)
        return rewriter.replaced(node, f"{asked}.to_numpy()" if fact.details.get("kind") == "array" else "rows.copy()" if asked == "rows" else asked)
    return None


def _rows(rewriter: Rewriter) -> str:
    """Of windows of a series their rows, and so of rows with those before them."""
    return "in_order(rows)" if rewriter.facts.answer.get("windows") or rewriter.is_in_order else "rows"


def is_numbered(fact: Fact) -> bool:
    """Whether the columns have numbers for names, as those of a file without a header: JSON has only texts."""
    columns = fact.details.get("columns", ())
    return bool(columns) and all(type(name) is int for name in columns)


def library_part(part: str, kind: str) -> str:
    """`iris.data`, `iris.target`, `iris.frame` of the rows that are asked about."""
    if part == "frame":
        return "rows.copy()"
    text = 'rows["target"]' if part == "target" else 'rows.drop(columns="target", errors="ignore")'
    return f"{text}.to_numpy()" if kind == "array" else text


def _asked(rewriter: Rewriter, node: ast.expr, fact: Fact) -> str:
    """The author's call, with what it was given as it was in training: how many steps, where they start and end."""
    begin, end = node_span(rewriter.table, node)
    edits = []
    for number, given in enumerate(fact.details["arguments"]):
        argument = rewriter.inner(node, Site(*given["site"]))
        if argument is not None:
            a, b = node_span(rewriter.table, argument)
            edits.append((a - begin, b - begin, _given(rewriter, argument, given, _NAMES[min(number, 1)] if len(fact.details["arguments"]) > 1 else "steps")))
    return apply_edits(rewriter.source[begin:end], edits)


def _given(rewriter: Rewriter, argument: ast.expr, given: dict[str, Any], name: str) -> str:
    if rewriter.statement < 0:  # the pipeline has no such statement in which it could be recorded
        if not given["shown"].lstrip("-").isdigit():
            raise Stuck(f"`{ast.unparse(argument)}` could not be recorded")
        return str(given["shown"])
    frozen = rewriter.registry.add(f"forecast_{name}", given, rewriter.statement)
    rewriter.wrap(argument, f'freeze("{frozen.path}", ')
    return rewriter.state(frozen)
