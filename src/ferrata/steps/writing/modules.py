"""One module per stage, and `functions.py` for definitions that several stages or saved objects need."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ferrata.dataflow.definitions import definition_names, definitions, is_definition, is_import
from ferrata.dataflow.graph import reads, writes
from ferrata.records.analysis import Node
from ferrata.records.current import CurrentCode
from ferrata.records.observation import Trace
from ferrata.records.plan import Change, Crossing, Plan, PlannedStage
from ferrata.source.imports import write_imports
from ferrata.steps.writing.body import write_main
from ferrata.steps.writing.text import (
    block,
    changed,
    free_name,
    global_names,
    imported_modules,
    loaded_in,
    names_in,
    needs_module_scope,
)

# What generated code calls, and what to call it when the author's code uses the name already.
SUPPORT = {
    "record": ("scores", ("record_score", "keep_score")),
    "write_scores": ("scores", ("write_all_scores",)),
    "save_predictions": ("predictions", ("write_predictions",)),
    "save_figures": ("figures", ("write_figures",)),
    "load_params": ("parameters", ("read_params",)),
    "load": ("artifacts", ("load_artifact",)),
    "save": ("artifacts", ("save_artifact",)),
    "seed_all": ("randomness", ("seed_generators",)),
    "save_random_state": ("randomness", ("write_random_state",)),
    "load_random_state": ("randomness", ("read_random_state",)),
    "freeze": ("frozen", ("freeze_value",)),
    "freeze_each": ("frozen", ("freeze_each_column",)),
    "freeze_nth": ("frozen", ("freeze_nth_time",)),
    "freeze_fitted": ("frozen", ("freeze_after_fit",)),
    "freeze_columns": ("frozen", ("freeze_column_names",)),
    "freeze_categories": ("frozen", ("freeze_category_names",)),
    "freeze_edges": ("frozen", ("freeze_bin_edges",)),
    "freeze_groups": ("frozen", ("freeze_values_of_groups",)),
    "freeze_by_group": ("frozen", ("freeze_of_each_group",)),
    "freeze_by_column": ("frozen", ("freeze_of_each_column",)),
    "freeze_uniques": ("frozen", ("freeze_unique_values",)),
    "freeze_scaled": ("frozen", ("freeze_scaler",)),
    "freeze_aligned": ("frozen", ("freeze_aligned_columns",)),
    "freeze_second": ("frozen", ("freeze_second_value",)),
}
# Formats that name the module a class or function lives in.
BY_REFERENCE = frozenset({"joblib", "own", "skops", "torch_module", "pickle"})


@dataclass(frozen=True)
class Material:
    """All that writing needs: the author's code as it ran, the plan, the traces by statement, and the names of the author's own modules."""

    code: CurrentCode
    plan: Plan
    traces: Mapping[int, Trace]
    local: frozenset[str] = frozenset()

    def module(self, name: str) -> str:
        """What a module of ours is called: another name when the author's code imports, or brings, one of this name."""
        return f"{name}_step" if name in self._taken_modules else name

    @cached_property
    def _taken_modules(self) -> frozenset[str]:
        return self.local.union(*(imported_modules(self.code.sources[i]) for i in self.traces))

    def changes(self, index: int) -> tuple[Change, ...]:
        own = tuple(change for change in self.plan.changes if change.statement == index)
        return own + tuple(p.change for p in self.plan.parameters if p.change.statement == index)


@dataclass(frozen=True)
class Layout:
    """How one stage's statements are laid out: module level, shared module, or in `main` in the order given."""

    imports: tuple[int, ...]
    top: tuple[int, ...]
    shared: tuple[int, ...]
    body: tuple[int, ...]


def shared_definitions(material: Material) -> tuple[int, ...]:
    """Definitions for `functions.py`: free of the pipeline's variables, and needed by two stages or by an object that is saved by reference."""
    plan = material.plan
    by_reference = any(crossing.format in BY_REFERENCE for crossing in plan.crossings)
    candidates: dict[int, int] = {}
    for stage in plan.stages:
        for index in _at_module_level(material, stage):
            candidates[index] = candidates.get(index, 0) + 1
    wanted = [i for i, stages in candidates.items() if is_definition(material.code.sources[i]) and (stages > 1 or by_reference)]
    return _with_needed(material, wanted, candidates)


def _with_needed(material: Material, wanted: Iterable[int], candidates: Iterable[int]) -> tuple[int, ...]:
    """The wanted definitions and the module-level ones they use."""
    found = set(wanted)
    while True:
        used = {name for index in found for name in global_names(material.code.sources[index])}
        more = {i for i in candidates if i not in found and used & set(definition_names(material.code.sources[i]))}
        if not more:
            return tuple(sorted(found))
        found |= more


def _repeated(material: Material, stage: PlannedStage) -> tuple[int, ...]:
    kept = [index for other in material.plan.stages for index in other.statements]
    nodes = {index: Node(index, "", reads(material.traces[index]), writes(material.traces[index])) for index in kept}
    repeated = definitions(tuple(sorted(set(kept))), material.code.sources, nodes)
    return tuple(i for i in stage.statements if i in repeated)


def _at_module_level(material: Material, stage: PlannedStage) -> tuple[int, ...]:
    """Repeated statements, imports aside, that need none of the stage's variables and no parameter."""
    repeated = _repeated(material, stage)
    variables = {name for i in stage.statements if i not in repeated for name in material.traces[i].binds} | set(stage.inputs)
    free = [i for i in repeated if not is_import(material.code.sources[i])]
    while True:
        nested = [i for i in free if global_names(material.code.sources[i]) & variables or any(p.change.statement == i for p in material.plan.parameters)]
        if not nested:
            return tuple(free)
        free = [i for i in free if i not in nested]
        variables |= {name for i in nested for name in definition_names(material.code.sources[i])}


def layout(material: Material, stage: PlannedStage, shared: Sequence[int]) -> Layout:
    sources = material.code.sources
    imports = tuple(i for i in stage.statements if is_import(sources[i]))
    module_level = _at_module_level(material, stage)
    rest = tuple(i for i in stage.statements if i not in imports and i not in module_level)
    inside = _imported_and_rebound(material, stage, imports, rest)
    imports, rest = tuple(i for i in imports if i not in inside), tuple(i for i in stage.statements if i in inside or i in rest)
    return Layout(imports, tuple(i for i in module_level if i not in shared), tuple(i for i in shared if i in module_level), _in_order(material, stage, rest))


def _imported_and_rebound(material: Material, stage: PlannedStage, imports: Sequence[int], body: Sequence[int]) -> frozenset[int]:
    """Imports of names that a statement in `main` gives another value, `f1_score = f1_score(y, y_pred)`: such a name is a local one there from the start."""
    bound = {name for i in body for name in material.traces[i].binds} - set(stage.inputs)
    stars = {i for i in imports if any(alias.name == "*" for node in ast.parse(material.code.sources[i]).body for alias in getattr(node, "names", ()))}
    return frozenset(i for i in imports if i not in stars and bound & set(material.traces[i].binds))


def _in_order(material: Material, stage: PlannedStage, rest: Sequence[int]) -> tuple[int, ...]:
    """Nested definitions go where the author had them: before the first statement that came after."""
    repeated = set(_repeated(material, stage))
    waiting = [i for i in rest if i in repeated]
    ordered: list[int] = []
    for index in (i for i in rest if i not in repeated):
        ordered += [i for i in waiting if i < index]
        waiting = [i for i in waiting if i > index]
        ordered.append(index)
    return tuple(ordered + waiting)


def write_stage(material: Material, stage: PlannedStage, shared: Sequence[int]) -> str:
    """The text of `<stage>.py`."""
    parts = layout(material, stage, shared)
    sources = material.code.sources
    author_names = names_in(sources[i] for i in stage.statements)
    renames = {name: free_name(name, others, author_names) for name, (_, others) in SUPPORT.items()}
    renames["params"] = free_name("params", ("parameters", "settings"), author_names)
    main_name = free_name("main", ("run", "run_stage"), author_names)
    texts = {i: changed(sources[i], material.changes(i), renames) for i in stage.statements}
    flat = needs_module_scope(texts.values())
    body = write_main(material, stage, parts.body, texts, renames, main_name=main_name, flat=flat)
    top = _joined([_definition(material, i, texts[i]) for i in parts.top])
    code = f"{top}\n\n\n{body}" if top else body
    inside = [write_imports([sources[i]], loaded_in(top), ()) for i in parts.body if is_import(sources[i])]  # what the functions need of imports in `main`
    author = [*(sources[i] for i in parts.imports), *inside, "import asyncio"]
    head = write_imports(author, loaded_in(code), _own_imports(material, parts, code, renames), _stars(material, stage))
    return f'"""{_docstring(material, stage)}"""\n\n{head}\n\n\n{code}'.rstrip() + "\n"


def _own_imports(material: Material, parts: Layout, code: str, renames: Mapping[str, str]) -> list[str]:
    used = loaded_in(code)
    names: dict[str, list[str]] = {}
    for name, (module, _) in SUPPORT.items():
        if renames[name] in used:
            names.setdefault(material.module(module), []).append(name if renames[name] == name else f"{name} as {renames[name]}")
    functions = sorted({name for i in parts.shared for name in definition_names(material.code.sources[i])} & used)
    lines = [f"from {module} import {', '.join(sorted(imported))}" for module, imported in names.items()]
    return lines + ([f"from {material.module('functions')} import {', '.join(functions)}"] if functions else [])


def _stars(material: Material, stage: PlannedStage) -> set[str]:
    """Modules of star imports that bind a name the stage uses."""
    used = {name for i in stage.statements for name in loaded_in(material.code.sources[i])}
    found = set()
    for index in stage.statements:
        for node in ast.parse(material.code.sources[index]).body:
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names) and used & set(material.traces[index].binds):
                found.add("." * node.level + (node.module or ""))
    return found


def _definition(material: Material, index: int, text: str) -> str:
    comments = material.code.statement(index).comments
    return (f"{comments.rstrip()}\n" if comments.strip() else "") + block(text, "").rstrip()


def _joined(texts: Sequence[str]) -> str:
    """Definitions two lines apart, constants one under the other."""
    joined = texts[0] if texts else ""
    for before, text in zip(texts, texts[1:], strict=False):
        joined += ("\n" if _is_constant(before) and _is_constant(text) else "\n\n\n") + text
    return joined


def _is_constant(text: str) -> bool:
    return all(isinstance(node, ast.Assign) for node in ast.parse(text).body)


def _docstring(material: Material, stage: PlannedStage) -> str:
    what = {"prepare": "Prepare the data", "train": "Fit the model", "evaluate": "Evaluate the model"}.get(stage.name, stage.name.capitalize())
    if len(material.plan.stages) == 1:
        what = "Prepare the data, fit the model and evaluate it"
    elif stage.name == "train" and not any(other.name == "evaluate" for other in material.plan.stages):
        what = "Fit the model and evaluate it"
    cells = sorted({material.code.cell(i) for i in stage.statements if not is_import(material.code.sources[i])})
    return f"{what} (from cell{'s' if len(cells) > 1 else ''} {_ranges(cells)} of the notebook)."


def _ranges(numbers: Sequence[int]) -> str:
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 2 else ", ".join(map(str, g)) for g in groups)


def write_functions(material: Material, shared: Sequence[int]) -> str:
    """The text of `functions.py`; "" when nothing is shared."""
    if not shared:
        return ""
    renames = {name: name for name in SUPPORT}
    texts = [_definition(material, i, changed(material.code.sources[i], material.changes(i), renames)) for i in shared]
    code = _joined(texts)
    imports = [material.code.sources[i] for stage in material.plan.stages for i in stage.statements if is_import(material.code.sources[i])]
    used = loaded_in(code)
    own = [f"from {material.module(module)} import {name}" for name, (module, _) in SUPPORT.items() if name in used and f"{name}(" in code]
    stars = {star for stage in material.plan.stages for star in _stars(material, stage)}
    head = write_imports(imports, used, own, stars)
    return f'"""Functions and classes that several stages use."""\n\n{head}\n\n\n{code}\n'.replace("\n\n\n\n", "\n\n")


def crossing_of(plan: Plan, name: str) -> Crossing:
    return next(crossing for crossing in plan.crossings if crossing.name == name)
