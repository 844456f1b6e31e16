"""The slice from a raw row to the predictions, from the end: each statement that makes what is still needed, rewritten for one row."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ferrata.dataflow.definitions import definition_names, is_import
from ferrata.dataflow.idle import is_idle
from ferrata.records.current import CurrentCode
from ferrata.records.derivation import Derivation, Fact, Facts, Obstacle, Unit
from ferrata.records.observation import Trace
from ferrata.records.plan import Plan
from ferrata.source.names import root_name, statement_names
from ferrata.steps.deriving.definitions import definitions_of, read_through
from ferrata.steps.deriving.follow import ANSWER, order_of
from ferrata.steps.deriving.images.derived import as_images, image_unit, label_names, without_labels
from ferrata.steps.deriving.images.readings import Readings
from ferrata.steps.deriving.lags import asked_units, lags_of, moves_of, places
from ferrata.steps.deriving.networks import with_outputs
from ferrata.steps.deriving.places import ASKING, column_of
from ferrata.steps.deriving.reading import reading_of
from ferrata.steps.deriving.recorded import with_state
from ferrata.steps.deriving.rewriting import ROW_FILTERS, Rewriter, Stuck, site_of
from ferrata.steps.deriving.rules.pairs import text_of_part
from ferrata.steps.deriving.rules.reading import library_part
from ferrata.steps.deriving.slices import Slice, registry_of, rewriter_of, rewritten
from ferrata.steps.deriving.windows import lags, length_of, step_of, table_of, window_units

_TRAINING = frozenset({"backward", "train_on_batch", "apply_gradients"})  # steps of a loop of the author's that trains a network


def derive(
    code: CurrentCode, plan: Plan, traces: Mapping[int, Trace], facts: Facts, readings: Readings | None = None
) -> Derivation | Obstacle:
    """The prediction function's parts, or the statement that stands in the way. `readings` are loops over files, where images are what is asked about."""
    assert plan.predictions is not None
    if "why" in facts.answer:
        return Obstacle(plan.predictions.statement, str(facts.answer["why"]))
    root = facts.numbered(table_of(facts))
    if root is None:
        return Obstacle(plan.predictions.statement, "its rows come from no data file")
    sliced = partial(Slice, code, plan, traces, facts, root, readings=readings or Readings())
    found = sliced(registry=registry_of(code, traces))
    made = _derived(found)
    if isinstance(made, Obstacle) or root.details.get("steps") or length_of(facts) or "images" in facts.answer:
        return made
    return _with_rows_before(sliced, found, made)


def _with_rows_before(sliced: Callable[..., Slice], found: Slice, made: Derivation) -> Derivation:
    """Where statements look at the rows before a row these belong to the question; what was derived without them is tried where that cannot be proved."""
    moves = moves_of(found)
    if not moves.units:
        return made
    try:
        wanted = [lags_of(found, moves, least=least) for least in (False, True)]
    except Stuck as error:
        return replace(made, doubt=Obstacle(found.units[moves.units[0]].statement, str(error)))
    for each in dict.fromkeys(wanted):
        other = _derived(sliced(registry=registry_of(found.code, found.traces), lags=each))
        if isinstance(other, Obstacle):
            return replace(made, doubt=other)
        made = replace(other, otherwise=made)
    return made


def _derived(found: Slice) -> Derivation | Obstacle:
    plan, at = found.plan, ANSWER
    assert plan.predictions is not None
    try:
        answer = rewritten(found, ANSWER, plan.predictions.prediction)
        found.needed = set(statement_names(answer).reads)
        for at in reversed(order_of(plan)):
            _take(found, at)
        at = plan.predictions.statement
        return parts(found, answer)
    except Stuck as error:
        return Obstacle(at if at != ANSWER else plan.predictions.statement, str(error))


def _take(found: Slice, index: int) -> None:
    """Take the statement when it makes rows that are needed."""
    try:
        _taken(found, index)
    except Stuck as error:
        if not column_of(found.code.sources[index]):
            raise
        found.left.append(Obstacle(index, str(error)))  # whether anything needs the column shows when the function is tried


def _taken(found: Slice, index: int) -> None:
    source, trace = found.code.sources[index], found.traces[index]
    defines = set(definition_names(source))
    if is_import(source) or (defines and not defines & found.filled):
        return
    filled = image_unit(found.readings, index, found.needed)
    if filled is not None:
        found.units.insert(0, filled)
        found.needed = (found.needed - filled.binds) | (filled.reads - filled.binds)
        return
    cut = window_units(found, index, source)
    if cut is not None:
        found.units[:0] = cut
        found.needed = (found.needed - {name for unit in cut for name in unit.binds}) | {name for unit in cut for name in unit.reads}
        return
    live = {name for name, root in found.facts.live.get(index, {}).items() if root in (found.root.number, found.facts.answer["root"])}
    labelled = without_labels(source, _labels(found, index)) if found.readings.found else ""
    if labelled and set(trace.mutates) & found.needed:
        found.units.insert(0, Unit(index, labelled, frozenset(trace.mutates), frozenset(trace.mutates)))
        return
    made = (set(trace.binds) | set(trace.mutates)) & (live | found.filled) & found.needed
    if not made or _only_filters_in_place(source):
        return
    for unit in _units(found, index, source, may_go=is_idle(trace)):
        if unit.binds & found.needed and not _does_nothing(unit.text):
            _refuse_training(found, unit)
            found.units.insert(0, unit)
            found.needed = (found.needed - _rebound(unit)) | set(unit.reads) | (read_through(found, unit.reads) & set(trace.reads))
            found.filled = (found.filled - unit.binds) | _filled(unit, trace)


def _units(found: Slice, index: int, source: str, *, may_go: bool) -> list[Unit]:
    """What the statement comes to; nothing where it stands in the way and `may_go`, as it changed nothing on the author's rows."""
    frozen, changes = dict(found.registry.frozen), list(found.registry.changes)
    try:
        split = _split_units(found, index, source)
        return split if split is not None else [_unit(found, index, source)]
    except Stuck:
        if not may_go:
            raise
        found.registry.frozen, found.registry.changes = frozen, changes
        return []


def _labels(found: Slice, index: int) -> frozenset[str]:
    order = order_of(found.plan)
    return label_names(found.readings, order[: order.index(index)], found.code.sources, found.traces)


def _unit(found: Slice, index: int, source: str) -> Unit:
    trace = found.traces[index]
    text = rewritten(found, index, source.rstrip())
    names = statement_names(text)
    rows = set(trace.mutates) & set(found.facts.live.get(index, ()))  # what else is changed, such as a model that is fitted, is recorded
    return Unit(index, text, frozenset({*trace.binds, *rows, *names.binds}), names.reads | names.deferred_reads)


def _filled(unit: Unit, trace: Trace) -> set[str]:
    """Names that a loop fills: what they were before it, an empty list, is needed too."""
    is_loop = isinstance(ast.parse(unit.text).body[0], (ast.For, ast.While, ast.With))
    return set(trace.mutates) & unit.reads & unit.binds if is_loop else set()


def _rebound(unit: Unit) -> set[str]:
    """Names that the unit gives a value whatever they were before."""
    names = statement_names(unit.text)
    return set(names.binds - names.reads - names.mutates) if len(ast.parse(unit.text).body) == 1 else set()


def _split_units(found: Slice, index: int, source: str) -> list[Unit] | None:
    """`a, b, c, d = train_test_split(X, y)` → `b = X`: whichever part is needed is the whole."""
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], (ast.Tuple, ast.List)):
        return None
    if isinstance(node.value, (ast.Tuple, ast.List)):
        return _paired_units(found, index, source, node)
    if not isinstance(node.value, ast.Call):
        return None
    fact = found.facts.at(index, site_of(node.value))
    rewriter = rewriter_of(found, index, source)
    if fact is not None and fact.details.get("part") == "pair" and fact.details.get("of") == found.root.number:
        return _pair_units(found, index, node, fact)
    if fact is None or fact.kind != "split":
        return _part_units(found, index, rewriter, node)
    units = []
    each = 1 if fact.details.get("each") else 2  # a resampler gives one part for each argument, a split two
    for number, target in enumerate(node.targets[0].elts):
        if isinstance(target, ast.Name) and target.id in found.needed and number // each < len(node.value.args):
            text = f"{target.id} = {rewriter.text(node.value.args[number // each])}"
            units.append(Unit(index, text, frozenset({target.id}), statement_names(text).reads))
    return units


def _pair_units(found: Slice, index: int, node: ast.Assign, fact: Fact) -> list[Unit]:
    """`X, y = load_iris(return_X_y=True)`."""
    assert isinstance(node.targets[0], (ast.Tuple, ast.List))
    parts = [library_part("data", fact.details["kind"]), library_part("target", "array" if fact.details["kind"] == "array" else "series")]
    pairs = [(target.id, text) for target, text in zip(node.targets[0].elts, parts, strict=False) if isinstance(target, ast.Name)]
    return [Unit(index, f"{name} = {text}", frozenset({name}), frozenset({"rows"})) for name, text in pairs if name in found.needed]


def _part_units(found: Slice, index: int, rewriter: Rewriter, node: ast.Assign) -> list[Unit] | None:
    """`df["kind"], kinds = pd.factorize(df["kind"])` → only the rows; the names are recorded where they are needed."""
    assert isinstance(node.targets[0], (ast.Tuple, ast.List))
    units = []
    for number, target in enumerate(node.targets[0].elts):
        binds = {root_name(target)} & set(found.facts.live.get(index, ())) & found.needed
        part = text_of_part(rewriter, node.value, number) if binds else ""
        if part:
            text = f"{ast.unparse(target)} = {part}"
            units.append(Unit(index, text, frozenset(binds), statement_names(text).reads))
    return units or None


def _paired_units(found: Slice, index: int, source: str, node: ast.Assign) -> list[Unit] | None:
    """`X, y = df[columns], df["price"]` → `X = df[columns]`. None where it is no plain pairing, or one needed part is read by another."""
    targets, values = node.targets[0], node.value
    assert isinstance(targets, (ast.Tuple, ast.List)) and isinstance(values, (ast.Tuple, ast.List))
    names = [target.id for target in targets.elts if isinstance(target, ast.Name)]
    if len(node.targets) != 1 or len(names) != len(targets.elts) or len(names) != len(values.elts):
        return None
    kept = [(name, value) for name, value in zip(names, values.elts, strict=True) if name in found.needed]
    is_mixed = any(statement_names(ast.unparse(value)).reads & {other for other, _ in kept if other != name} for name, value in kept)
    if any(isinstance(value, ast.Starred) for value in values.elts) or is_mixed:
        return None
    rewriter = rewriter_of(found, index, source)
    texts = [(name, f"{name} = {rewriter.text(value)}") for name, value in kept]
    return [Unit(index, text, frozenset({name}), statement_names(text).reads) for name, text in texts]


def _only_filters_in_place(source: str) -> bool:
    """`df.dropna(inplace=True)`, `df.drop(rows, inplace=True)`, `random.shuffle(data)`."""
    node = ast.parse(source).body[0]
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute)):
        return False
    if node.value.func.attr == "shuffle":  # random.shuffle(data), np.random.shuffle(data)
        return True
    named = {k.arg: k.value for k in node.value.keywords}
    axis = named.get("axis") or (node.value.args[1] if len(node.value.args) > 1 else None)
    is_columns = "columns" in named or (isinstance(axis, ast.Constant) and axis.value in (1, "columns"))
    return "inplace" in named and not is_columns and node.value.func.attr in {*ROW_FILTERS, "drop"}


def _does_nothing(text: str) -> bool:
    node = ast.parse(text).body[0]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Name):
        return True
    return isinstance(node, ast.Assign) and len(node.targets) == 1 and ast.unparse(node.targets[0]) == ast.unparse(node.value)


def _refuse_training(found: Slice, unit: Unit) -> None:
    """A model may not be fitted again for every row."""
    for node in ast.walk(ast.parse(unit.text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("fit", "fit_resample", "fit_predict", "partial_fit"):
            raise Stuck(f"`{ast.unparse(node)[:60]}` fits a model in the statement that makes the rows")
    for name, node in _functions_called(found, unit).items():
        if any(isinstance(each, ast.Attribute) and each.attr in _TRAINING for each in ast.walk(node)):
            raise Stuck(f"`{name}` trains a network: it would be trained again for every row")


def _functions_called(found: Slice, unit: Unit) -> dict[str, ast.FunctionDef]:
    """The author's functions that the unit names, and those that these name."""
    sources = found.code.sources
    known = {node.name: node for i in order_of(found.plan) for node in ast.parse(sources[i]).body if isinstance(node, ast.FunctionDef)}
    called: dict[str, ast.FunctionDef] = {}
    waiting = list(statement_names(unit.text).reads)
    while waiting:
        name = waiting.pop()
        if name in known and name not in called:
            called[name] = known[name]
            names = statement_names(ast.unparse(known[name]))
            waiting += names.reads | names.deferred_reads
    return called


def parts(found: Slice, answer: str) -> Derivation:
    """What the units and the expression of the answer come to, with all that they need."""
    moves = moves_of(found) if found.lags else None
    if moves is not None and moves.units:
        behind = moves.units[-1] + 1
        found.units[behind:behind] = asked_units(found, found.units, behind - 1, answer)
    definitions, nested, imports = definitions_of(found, answer)
    if found.lags and found.registry.is_complete:
        found.units = [replace(unit, text=unit.text.replace("in_order(rows)", "in_order(complete(rows))")) for unit in found.units]
    units = [each for unit in found.units if (each := _column_or_none(found, unit, definitions, nested)) is not None]
    final = with_state(found, Unit(ANSWER, answer, frozenset(), statement_names(answer).reads), definitions, nested).text
    model, probabilities, classes = _probabilities(found, [*units, Unit(ANSWER, final, frozenset(), frozenset())])
    if width := found.facts.answer.get("outputs"):
        units, final, probabilities, classes = with_outputs(units, final, model, width)
    reading, data = reading_of(found)
    details = found.root.details
    steps = int(details.get("steps", 0))
    model = model or _held(found, [*(unit.text for unit in units), final], steps)
    named = details.get("library") or details.get("columns") or [f"x{number}" for number in range(details.get("width", 0))]
    columns = ("step",) if steps else tuple(str(name) for name in named)
    window = length_of(found.facts)
    columns = tuple(name for each in lags(columns, window, step_of(found.facts)).values() for name in each) if window else columns
    columns = places(columns, found.lags.before) if found.lags else columns
    made = Derivation(
        reading=reading, data=data, units=tuple(units), definitions=tuple(definitions), nested=tuple(nested.items()), imports=tuple(imports), answer=final,
        model=model, probabilities=probabilities, classes=tuple(classes), frozen=tuple(found.registry.frozen.values()),
        changes=tuple(found.registry.changes), columns=columns, steps=steps, window=window, step=step_of(found.facts),
        lags=found.lags, left=tuple(found.left), doubt=next(iter(found.registry.doubts), None),
        is_of_library="library" in details, is_prepared=found.root.statement == ANSWER and not steps,
    )
    return as_images(made, found.facts.answer["images"]) if "images" in found.facts.answer else made


def _held(found: Slice, texts: Sequence[str], steps: int) -> str:
    """What the model is called that is asked without `predict`: a network of torch by its name in the state, one that no object holds by the author's word."""
    held = found.plan.model
    if held is None:
        return ""
    is_called = bool(held.name) and any(re.search(rf"\bstate\.{held.name}\b", text) for text in texts)
    return held.name if steps or is_called else held.type if held.answer else ""


def _column_or_none(found: Slice, unit: Unit, definitions: Sequence[int], nested: Mapping[int, str]) -> Unit | None:
    """A column that cannot be made for one row is left out: whether anything needs it shows when the function is tried."""
    try:
        return with_state(found, unit, definitions, nested)
    except Stuck as error:
        if is_idle(found.traces[unit.statement]):
            return None
        if column_of(unit.text):
            found.left.append(Obstacle(unit.statement, str(error)))
            return None
        raise


def _probabilities(found: Slice, units: Sequence[Unit]) -> tuple[str, str, Sequence[object]]:
    """The model's name in the state, the expression of its probabilities, and its classes."""
    for unit in reversed(units):
        for node in ast.walk(ast.parse(unit.text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING and node.args:
                receiver = ast.unparse(node.func.value)
                fact = next((f for f in found.facts.by_statement.get(unit.statement, ()) if f.call == "predict"), None)
                details = fact.details if fact else {}
                has_chances = details.get("has_probabilities") and found.facts.answer.get("probabilities")  # those that can be compared
                expression = f"{receiver}.predict_proba({ast.unparse(node.args[0])})" if has_chances else ""
                return receiver.removeprefix("state."), expression, details.get("classes") or ()
    return "", "", ()
