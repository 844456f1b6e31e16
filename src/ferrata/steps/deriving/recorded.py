"""Names that training made: the prediction function reads them from what was recorded then."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ferrata.dataflow.definitions import definition_names, is_import
from ferrata.records.derivation import Unit
from ferrata.records.plan import Change, Frozen, Plan
from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.steps.deriving.follow import ANSWER, order_of
from ferrata.steps.deriving.rewriting import FOLDER, Stuck, why_not_recorded
from ferrata.steps.deriving.slices import OURS, Slice

_BUILTINS = frozenset(dir(builtins))


def with_state(found: Slice, unit: Unit, definitions: Sequence[int], nested: Mapping[int, str]) -> Unit:
    """Names that training made are read from the recorded state."""
    sources = found.code.sources
    known = {name for i in (*definitions, *nested) for name in definition_names(sources[i])}
    known |= {name for i in order_of(found.plan) if is_import(sources[i]) for name in found.traces[i].binds}
    made = {name for each in found.units for name in each.binds}
    wanted = [name for name in sorted(unit.reads) if name not in known | made | OURS | _BUILTINS]
    text = unit.text
    for name in wanted:
        again = _made_again(found, name, unit.statement)
        if again:
            text = renamed(text, name, again)
            continue
        frozen = recorded(found, name, unit.statement)
        text = renamed(text, name, f"state.{frozen.name}")
    return replace(unit, text=text)


def _made_again(found: Slice, name: str, statement: int) -> str:
    """`device`: where torch computes depends on the machine; the author's own words for it, which need nothing but imports. "" for anything else."""
    if (found.facts.names.get(statement, {}).get(name) or {}).get("type") != "torch.device":
        return ""
    order, sources = order_of(found.plan), found.code.sources
    writer = next((i for i in reversed(order) if name in found.traces[i].binds), -1)
    body = ast.parse(sources[writer]).body if writer >= 0 else []
    imported = {each for i in order if is_import(sources[i]) for each in found.traces[i].binds}
    if len(body) != 1 or not isinstance(body[0], ast.Assign) or set(found.traces[writer].reads) - imported:
        return ""
    return ast.unparse(body[0].value)


def recorded(found: Slice, name: str, statement: int) -> Frozen:
    """The recorded value of one of the author's names, as it was when `statement` read it."""
    order, sources = order_of(found.plan), found.code.sources
    until = order if statement == ANSWER else order[: order.index(statement) + 1]
    writers = [i for i in until if name in (*found.traces[i].binds, *found.traces[i].mutates)]
    if not writers:
        raise Stuck(f"`{name}` comes from nowhere that could be followed")
    changing = [i for i in writers if not _only_asks(sources[i], name)]
    model = _model(found.plan, name, changing[-1]) if changing else None
    if model is not None:
        found.registry.frozen[name] = replace(model, is_asked=writers[-1] != changing[-1])
        return found.registry.frozen[name]
    known = next((f for f in found.registry.frozen.values() if f.statement == writers[-1] and f.name.split("_at_")[0] == name), None)
    if known is not None:
        return known
    kept = found.facts.names.get(statement, {}).get(name)
    if kept is None:
        raise Stuck(f"`{name}` could not be recorded")
    return _mark_name(found, name, kept, writers[-1])


def _only_asks(source: str, name: str) -> bool:
    """`model.eval()`: a network that is trained no more."""
    body = ast.parse(source).body
    return len(body) == 1 and isinstance(body[0], ast.Expr) and ast.unparse(body[0]) in (f"{name}.eval()", f"{name}.train(False)")


def _mark_name(found: Slice, name: str, kept: Mapping[str, object], statement: int) -> Frozen:
    if not kept.get("format"):
        raise Stuck(why_not_recorded(kept, name))
    own = name if name not in found.registry.frozen else f"{name}_at_{found.code.cell(statement)}"
    path = f"{FOLDER}/{own}{kept['suffix']}"
    trusted = kept.get("trusted")
    made = Frozen(own, path, str(kept["format"]), statement, trusted=tuple(trusted) if isinstance(trusted, list) else ())
    found.registry.frozen[own] = made
    end = len(found.code.sources[statement].rstrip())
    found.registry.changes.append(Change(statement, end, end, f'\nfreeze("{path}", {name})'))
    return made


def _model(plan: Plan, name: str, statement: int) -> Frozen | None:
    """The model is in the project already."""
    if plan.model is None or plan.model.name != name:
        return None
    crossing = next((c for c in plan.crossings if c.name == name and c.path.startswith("model/") and c.format), None)
    if crossing is None or (statement not in plan.model.fits and crossing.after != statement):
        return None
    return Frozen(name, crossing.path, crossing.format, statement, is_model=True)


def renamed(text: str, name: str, other: str) -> str:
    """Every load of a name, those that are locals of functions and comprehensions left alone."""
    tree, table = ast.parse(text), LineTable(text)
    edits = [
        (*node_span(table, node), other) for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    return apply_edits(text, edits)
