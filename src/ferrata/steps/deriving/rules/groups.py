"""`df.groupby("city")["area"].transform("mean")` → the value that each group had at training time.

So does what a lambda computes of each group: `df.groupby(["city", "kind"])["area"].transform(lambda a: a.fillna(a.median()))`.
"""

from __future__ import annotations

import ast

from ferrata.dataflow.names import slug
from ferrata.records.derivation import Fact
from ferrata.source.edits import apply_edits, node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, literal
from ferrata.steps.deriving.wholes import Lambda, lambda_of, named_whole, wholes

_GROUPS = {"format": "literal", "suffix": ".txt", "type": "dict"}


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    if fact.call != "transform" or fact.kind != "rows" or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    grouped = node.func.value
    column = _name_in(grouped)
    call = grouped.value if isinstance(grouped, (ast.Subscript, ast.Attribute)) else None
    keys = _keys(call)
    if column is None or not keys or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    table = call.func.value
    made = lambda_of(node)
    if made is not None:
        return _by_lambda(rewriter, node, made, grouped, table, keys, column)
    frozen = rewriter.registry.add(f"{slug(column)}_by_{'_'.join(map(slug, keys))}", _GROUPS, rewriter.statement, by_key=bool(rewriter.loops))
    own = rewriter.source[slice(*node_span(rewriter.table, table))]
    groups = f"{own}[{literal(keys[0])}]" if len(keys) == 1 else f"{own}[{literal(keys)}].apply(tuple, axis=1)"
    rewriter.wrap(node, f'freeze_groups("{frozen.path}", {groups}, ', f"{rewriter.key(frozen)})")
    return rewriter.replaced(node, _looked_up(rewriter.text(table), keys, rewriter.state(frozen)))


def _by_lambda(
    rewriter: Rewriter, node: ast.Call, made: Lambda, grouped: ast.expr, table: ast.expr, keys: list[str], column: str
) -> list[Edit] | None:
    """The lambda's text for the rows: its argument is the column, what it computes of all of it that of the row's group."""
    found = wholes(made)
    if not found or rewriter.loops:
        return None
    rows, body = rewriter.text(table), node_span(rewriter.table, made.body)
    edits, before, after = [], "", ""
    for whole in found:
        frozen = rewriter.registry.add(f"{named_whole(made, whole)}_of_{slug(column)}", _GROUPS, rewriter.statement)
        begin, end = node_span(rewriter.table, whole)
        edits.append((begin - body[0], end - body[0], _looked_up(rows, keys, rewriter.state(frozen))))
        before, after = f'freeze_by_group("{frozen.path}", {before}', f"{after}, lambda {made.name}: {rewriter.source[begin:end]})"
    inside = [place for whole in found for place in ast.walk(whole)]
    for name in ast.walk(made.body):
        if isinstance(name, ast.Name) and name.id == made.name and name not in inside:
            begin, end = node_span(rewriter.table, name)
            edits.append((begin - body[0], end - body[0], f"{rows}[{literal(column)}]"))
    rewriter.wrap(grouped, before, after)
    return rewriter.replaced(node, f"({apply_edits(rewriter.source[slice(*body)], edits)})")


def _looked_up(rows: str, keys: list[str], known: str) -> str:
    """The value of each row's group; that of a group that training never saw is no number."""
    if len(keys) == 1:
        return f"{rows}[{literal(keys[0])}].map({known})"
    return f"{rows}[{literal(keys)}].apply(lambda row: {known}.get(tuple(row), np.nan), axis=1)"


def _name_in(node: ast.expr) -> str | None:
    """The one column that is looked at."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return node.attr if isinstance(node, ast.Attribute) else None


def _keys(call: ast.expr | None) -> list[str]:
    """The columns that are grouped by; [] where they are not said by name."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "groupby" and call.args):
        return []
    wanted = call.args[0].elts if isinstance(call.args[0], ast.List) else [call.args[0]]
    names = [each.value for each in wanted if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return names if len(names) == len(wanted) else []
