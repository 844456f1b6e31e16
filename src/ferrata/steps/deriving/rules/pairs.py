"""`pd.factorize(x)[0]`, `codes, names = pd.factorize(x)`, `boxcox(x)`, `a.align(b, axis=1)`: of several values that come at once, the one that holds rows.

They look at all rows: the places of the values, the lambda, the columns are those of the training data.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from ferrata.records.derivation import Fact
from ferrata.records.plan import Change, Frozen
from ferrata.source.edits import node_span
from ferrata.steps.deriving.rewriting import Edit, Rewriter, Stuck, value_name


def rewrite(rewriter: Rewriter, node: ast.expr, fact: Fact) -> list[Edit] | None:
    """`pd.factorize(x)[0]`; `boxcox(x)` alone is the author's own pair, and stays."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant) or fact.kind not in ("rows", "columns"):
        return None
    text = text_of_part(rewriter, node.value, node.slice.value)
    return rewriter.replaced(node, text) if text else None


def text_of_part(rewriter: Rewriter, call: ast.expr, number: object) -> str:
    """What stands for the value at this place of the pair; "" where it is none that is known here, or no rows."""
    if not isinstance(call, ast.Call):
        return ""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    made = _PARTS.get(name)
    return made(rewriter, call, number) if made else ""


def _factorized(rewriter: Rewriter, call: ast.Call, number: object) -> str:
    data = call.args[0] if call.args else call.func.value if isinstance(call.func, ast.Attribute) else None
    if data is None or number != 0:
        return ""
    frozen = _frozen(rewriter, f"{value_name(data)}_values", "json")
    _recorded_by(rewriter, call, frozen, "freeze_uniques")
    return f"pd.Index({rewriter.state(frozen)}).get_indexer({rewriter.text(data)})"


def _powered(rewriter: Rewriter, call: ast.Call, number: object) -> str:
    if number != 0 or len(call.args) != 1 or any(k.arg == "lmbda" for k in call.keywords):
        return ""
    frozen = _frozen(rewriter, f"{value_name(call.args[0])}_lambda", "json")
    _recorded_by(rewriter, call, frozen, "freeze_second")
    return f"{_function(rewriter, call)}({rewriter.text(call.args[0])}, lmbda={rewriter.state(frozen)})"


def _aligned(rewriter: Rewriter, call: ast.Call, number: object) -> str:
    named = {k.arg: k.value for k in call.keywords}
    axis = named.get("axis") or (call.args[2] if len(call.args) > 2 else None)
    if not (isinstance(axis, ast.Constant) and axis.value in (1, "columns") and isinstance(call.func, ast.Attribute) and call.args):
        raise Stuck("`align` without axis=1 changes which rows there are")
    frozen = _frozen(rewriter, "aligned_columns", "json")
    _recorded_by(rewriter, call, frozen, "freeze_aligned")
    table = rewriter.text(call.func.value if number == 0 else call.args[0])
    fill = f", fill_value={rewriter.text(named['fill_value'])}" if "fill_value" in named else ""
    return f"{table}.reindex(columns={rewriter.state(frozen)}{fill})"


def _frozen(rewriter: Rewriter, name: str, format: str) -> Frozen:
    """One record for each call, however many of its values are needed."""
    known = rewriter.recorded.get(name)
    if known is None:
        known = rewriter.registry.add(name, {"format": format, "suffix": f".{format}", "type": name}, rewriter.statement, by_key=bool(rewriter.loops))
        rewriter.recorded[name] = known
    return known


def _recorded_by(rewriter: Rewriter, call: ast.Call, frozen: Frozen, recorder: str) -> None:
    start, end = node_span(rewriter.table, call)
    before = f'{recorder}("{frozen.path}", '
    if not any(change.text == before for change in rewriter.registry.changes):
        rewriter.registry.changes += [Change(rewriter.statement, start, start, before), Change(rewriter.statement, end, end, f"{rewriter.key(frozen)})")]


def _function(rewriter: Rewriter, call: ast.Call) -> str:
    return rewriter.source[slice(*node_span(rewriter.table, call.func))]


_PARTS: dict[str, Callable[[Rewriter, ast.Call, object], str]] = {
    "factorize": _factorized, "boxcox": _powered, "yeojohnson": _powered, "align": _aligned,
}
