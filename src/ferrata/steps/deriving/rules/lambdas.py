"""`df.apply(lambda column: column.fillna(column.mean()))` → the same with the means of the training data, one for each column."""

from __future__ import annotations

import ast

from ferrata.records.derivation import Fact
from ferrata.source.edits import apply_edits, node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter
from ferrata.steps.deriving.wholes import Lambda, lambda_of, named_whole, wholes

_VALUES = {"format": "literal", "suffix": ".txt", "type": "dict"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.call not in ("apply", "transform") or fact.kind not in ("rows", "columns") or not isinstance(node, ast.Call):
        return None
    made = lambda_of(node)
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    known = rewriter.fact(receiver) if receiver is not None else None
    if made is None or receiver is None or known is None or known.details.get("kind") != "frame" or rewriter.loops:
        return None
    return _by_column(rewriter, node, made, receiver)


def _by_column(rewriter: Rewriter, node: ast.Call, made: Lambda, receiver: ast.expr) -> list[Edit] | None:
    found = wholes(made)
    if not found:
        return None
    argument = node_span(rewriter.table, node.args[0])
    edits, before, after = [], "", ""
    for whole in found:
        frozen = rewriter.registry.add(f"{named_whole(made, whole)}_by_column", _VALUES, rewriter.statement)
        begin, end = node_span(rewriter.table, whole)
        edits.append((begin - argument[0], end - argument[0], f"{rewriter.state(frozen)}[{made.name}.name]"))
        before, after = f'freeze_by_column("{frozen.path}", {before}', f"{after}, lambda {made.name}: {rewriter.source[begin:end]})"
    rewriter.wrap(receiver, before, after)
    text = apply_edits(rewriter.source[slice(*argument)], edits)
    method = node.func.attr if isinstance(node.func, ast.Attribute) else "apply"
    return rewriter.replaced(node, f"{rewriter.text(receiver)}.{method}({text})")
