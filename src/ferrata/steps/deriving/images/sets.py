"""The prediction function of a model that was asked about a data set of images, from the name of the data set back to the folder that it was read from."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ferrata.dataflow.definitions import definition_names, is_import
from ferrata.records.current import CurrentCode
from ferrata.records.derivation import Derivation, Fact, Facts, Obstacle, Unit
from ferrata.records.observation import Site, Trace
from ferrata.records.plan import Plan
from ferrata.source.names import statement_names
from ferrata.steps.deriving.derive import parts
from ferrata.steps.deriving.follow import order_of
from ferrata.steps.deriving.images.datasets import FOLDERS, GENERATORS, LABELS, SLICES, Rewriting
from ferrata.steps.deriving.images.loops import find_readings
from ferrata.steps.deriving.images.readings import ASKED, Reading, Readings
from ferrata.steps.deriving.images.trimming import without_label
from ferrata.steps.deriving.places import Stuck
from ferrata.steps.deriving.slices import Slice, registry_of

_ASKING = ("predict", "evaluate", "predict_on_batch", "predict_generator", "evaluate_generator")
_OURS = frozenset({"decoded", "tf", "np", "keras", ASKED})  # what the helper brings
# Layers and generators that hold nothing of the data: their statement is simply run again.
_STATELESS = ("Rescaling", "Resizing", "CenterCrop", "ImageDataGenerator")


def reads_images(sources: Mapping[int, str], order: Sequence[int]) -> bool:
    """Whether a data set of images is made, or files of images are opened in a loop."""
    is_set = any(name in sources[index] for index in order for name in (*FOLDERS, *GENERATORS, *SLICES))
    return is_set or bool(find_readings(sources, order).found)


def derive_from_set(code: CurrentCode, plan: Plan, traces: Mapping[int, Trace], facts: Facts) -> Derivation | Obstacle | None:
    """None where the model was not asked about a data set that was read from files of images."""
    at = facts.answer["images"]["at"]
    order = order_of(plan)
    assert plan.model is not None
    root = Fact(-2, at, Site(0, 0, 0, 0), "images", details={"kind": "array"})
    found = Slice(code, plan, traces, facts, root, registry_of(code, traces), Readings())
    names = _asked_names(code.sources[at]) or [name for index in reversed(order) for name in _asked_names(code.sources[index])]
    for name in dict.fromkeys(names):
        rewriting = Rewriting(_functions(code, order))
        try:
            units = _units(found, order, name, rewriting)
        except Stuck as error:
            return Obstacle(at, str(error))
        if units:
            found.readings.found += _without_labels(code, order, rewriting.paired)
            return _derived(found, units, name, rewriting, at)
    return None


def _functions(code: CurrentCode, order: Sequence[int]) -> dict[str, ast.FunctionDef]:
    trees = [ast.parse(code.sources[index]).body[0] for index in order]
    return {node.name: node for node in trees if isinstance(node, ast.FunctionDef)}


def _without_labels(code: CurrentCode, order: Sequence[int], names: Collection[str]) -> list[Reading]:
    """The functions that a data set is mapped with, without what they make of a path besides the image."""
    trees = [(index, ast.parse(code.sources[index]).body[0]) for index in order]
    found = [(index, node) for index, node in trees if isinstance(node, ast.FunctionDef) and node.name in names]
    return [reading for index, node in found for reading in without_label(index, code.sources[index], node)]


def _asked_names(source: str) -> list[str]:
    """The names that a model is given, or that a loop around its call goes through."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING:
            given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in ("x", "generator"))]
            found += [each.id for value in given for each in ast.walk(value) if isinstance(each, ast.Name)]
        if isinstance(node, (ast.For, ast.comprehension)):
            found += [each.id for each in ast.walk(node.iter) if isinstance(each, ast.Name)]
    return found


def _units(found: Slice, order: Sequence[int], name: str, rewriting: Rewriting) -> list[Unit]:
    """The statements from the folder to the data set of this name, in order; none where it does not come from files."""
    chosen = _chain(found, order, name)
    units = []
    for index in chosen:
        units += _unit(found, index, rewriting)
    return units if name in rewriting.known else []


def _chain(found: Slice, order: Sequence[int], name: str) -> list[int]:
    """The statements that bind the name, and the names that these read, before the model is asked."""
    needed = {name}
    chosen: list[int] = []
    for index in reversed(order):
        source = found.code.sources[index]
        names = statement_names(source)
        if names.binds & needed and not is_import(source) and not definition_names(source):
            chosen.insert(0, index)
            needed |= {each for each in names.reads if each not in _functions(found.code, order)}
    return chosen


def _unit(found: Slice, index: int, rewriting: Rewriting) -> list[Unit]:
    (node,) = ast.parse(found.code.sources[index]).body
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return []
    made = rewriting.of(node.value)
    if made is None:
        return [_again(found, index, node)] if _is_stateless(node.value) else []
    target = node.targets[0]
    units = []
    for each in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
        if isinstance(each, ast.Name):
            rewriting.known[each.id] = made
            if made.text != each.id:
                units.append(Unit(index, f"{each.id} = {made.text}", frozenset({each.id}), statement_names(made.text).reads - _OURS))
    return units


def _again(found: Slice, index: int, node: ast.Assign) -> Unit:
    source = found.code.sources[index].rstrip()
    return Unit(index, source, statement_names(source).binds, statement_names(source).reads)


def _is_stateless(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).rsplit(".", 1)[-1] in _STATELESS


def _derived(found: Slice, units: Sequence[Unit], name: str, rewriting: Rewriting, at: int) -> Derivation | Obstacle:
    assert found.plan.model is not None
    if rewriting.needs_labels:
        labels = f"{LABELS} = tf.zeros(len({ASKED}), tf.int32)  # the notebook's functions take labels too; they change no image"
        units = [Unit(units[0].statement, labels, frozenset({LABELS}), frozenset()), *units]
    found.units = _only_needed(units, name)
    try:
        made = parts(found, f"{found.plan.model.name}.predict_on_batch({name})")
    except Stuck as error:
        return Obstacle(at, str(error))
    decoder = rewriting.decoder
    needs_tensorflow = ("import tensorflow as tf",) if any("tf." in unit.text for unit in made.units) else ()
    if decoder is None:
        return replace(made, imports=(*made.imports, *needs_tensorflow))
    helper = f"{decoder.helper}\n\n{made.helper}" if made.helper else decoder.helper
    return replace(made, helper=helper, imports=(*made.imports, *decoder.imports, *needs_tensorflow), is_by_content=True)


def _only_needed(units: Sequence[Unit], name: str) -> list[Unit]:
    needed = {name}
    kept: list[Unit] = []
    for unit in reversed(units):
        if unit.binds & needed:
            kept.insert(0, unit)
            needed = (needed - unit.binds) | set(unit.reads)
    return kept
