"""The text of `predict.py`: readable, in the author's words, with nothing of ours to import."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ferrata.dataflow.definitions import definition_names
from ferrata.records.current import CurrentCode
from ferrata.records.derivation import Derivation, Rehearsal
from ferrata.source.edits import LineTable, apply_edits, node_span, reindent
from ferrata.source.imports import without_modules, write_imports
from ferrata.steps.deriving import windows
from ferrata.steps.deriving.gaps import COMPLETE
from ferrata.steps.deriving.labels import class_labels, python_text, write_label
from ferrata.steps.deriving.lags import constants, helpers
from ferrata.steps.deriving.texts import AHEAD, CLOSING, LIBRARY, OPENING


@dataclass(frozen=True)
class Shape:
    """What the text depends on besides the derivation: how the module of artefacts is called, what was found by trying it, `name` of the project,
    `local` modules that the author wrote and that lie beside it."""

    name: str
    notebook: str
    artifacts: str
    functions: Collection[str]
    functions_module: str
    rehearsal: Rehearsal | None = None
    local: Collection[str] = frozenset()


def write_module(code: CurrentCode, derivation: Derivation, shape: Shape) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text, and for each unit the lines where it stands (0, 0: it does not)."""
    body, kept = _answers(code, derivation, shape.rehearsal)
    head = _head(code, derivation, shape, body)
    opening = _constants(derivation, shape.rehearsal) + "\n\n\n" + OPENING + "\n" + write_state(derivation, body)
    opening += f"\n\n{_reading(derivation, body)}\n\n"
    top = write_definitions(code, derivation, shape)
    before = f"{head}\n\n{opening}{top}"
    text = before + body + "\n\n" + write_label(shape.rehearsal) + "\n\n" + CLOSING
    return text, _places(text, kept, len(derivation.units))


def _places(text: str, kept: Sequence[tuple[int, str]], count: int) -> tuple[tuple[int, int], ...]:
    """Where each unit's text begins and ends, searched in order from the function on."""
    places = {}
    position = text.index("def answers(")
    for number, block in kept:
        start = text.index(block, position)
        position = start + len(block)
        places[number] = (text.count("\n", 0, start) + 1, text.count("\n", 0, position) + 1)
    return tuple(places.get(number, (0, 0)) for number in range(count))


def _head(code: CurrentCode, derivation: Derivation, shape: Shape, body: str) -> str:
    cells = sorted({code.cell(unit.statement) for unit in derivation.units if unit.statement >= 0})
    used = {name for text in (body, *(code.sources[i] for i in derivation.definitions), _reading(derivation, body))
            for name in loaded_names(text)}
    others, beside = without_modules(derivation.imports, shape.local)
    lines = [*others, "import pandas as pd", "from pathlib import Path", "from dataclasses import dataclass", "from typing import Any"]
    lines += ["import functools", "import sys", "import numpy as np"]
    used |= {"np"} if shape.rehearsal and shape.rehearsal.inverse else set()
    shared = sorted({name for i in derivation.definitions for name in definition_names(code.sources[i])} & set(shape.functions))
    own = [f"from {shape.artifacts} import load as load_file"] + ([f"from {shape.functions_module} import {', '.join(shared)}"] if shared else [])
    imports = write_imports(lines, {*used, "pd", "Path", "dataclass", "Any", "functools", "sys"}, (), stars(derivation.imports))
    where = f"as in cell{'s' if len(cells) > 1 else ''} {', '.join(map(str, cells))} of " if cells else "by the model of "
    where += f"notebooks/{shape.notebook}"
    asked = f"the steps ahead of the series in {derivation.data}" if derivation.steps else f"from a row of {derivation.data} to its answer"
    if derivation.lags:
        asked = f"from a row of {derivation.data}, and what is needed of the {derivation.lags.before} before it, to its answer"
    asked = f"from {derivation.window} rows of {derivation.data}, in order, to the answer" if derivation.window else asked
    asked = f"from a prepared row, as in {derivation.data}, to its answer" if derivation.is_prepared else asked
    doc = f'"""Predict with `{derivation.model}`: {asked}, {where}."""'
    path = "sys.path.insert(0, str(Path(__file__).resolve().parent))  # the modules beside this one"
    own += [line for each in beside for line in write_imports([each], used, (), stars([each])).splitlines()]
    return f"{doc}\n\n{imports}\n\n{path}\n\n" + "\n".join(f"{line}  # noqa: E402" for line in own)


def stars(imports: Sequence[str]) -> set[str]:
    """Modules whose names the author imports all."""
    nodes = [node for source in imports for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    return {"." * node.level + (node.module or "") for node in nodes if any(alias.name == "*" for alias in node.names)}


def loaded_names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _constants(derivation: Derivation, rehearsal: Rehearsal | None) -> str:
    inputs = {item["name"]: item["dtype"] for item in rehearsal.inputs} if rehearsal else {}
    fillers = rehearsal.fillers if rehearsal else {}
    example = {name: rehearsal.example.get(name) for name in inputs} if rehearsal else {}
    lines = [
        "ROOT = Path(__file__).resolve().parents[2]",
        _dictionary("INPUTS", inputs, "name and type of each column that is needed"),
        *([constants(derivation.lags, python_text(list(rehearsal.order)) if rehearsal and rehearsal.order else "None")] if derivation.lags else ()),
        f"COLUMNS = {_with_places(derivation.columns) if derivation.lags else _list(derivation.columns)}",
        *([windows.constants(derivation.window, derivation.step)] if derivation.window else ()),
        _dictionary("FILLERS", fillers, "the code below touches these columns, the answer does not depend on them"),
        _dictionary("EXAMPLE", example, "a row of the training data"),
        _categories(rehearsal),
        f"CLASSES = {python_text(class_labels(derivation, rehearsal))}",
        'MISSING = float("nan")',
    ]
    return "\n".join(lines)


def _with_places(columns: Sequence[str]) -> str:
    names = [name for name in columns if "(t-" not in name]
    return f'[\n    f"{{name}}(t-{{place}})" if place else name\n    for name in {_list(names)} for place in range(BEFORE, -1, -1)\n]'


def _categories(rehearsal: Rehearsal | None) -> str:
    """Columns that the data file itself has as categories."""
    known = {item["name"]: item["category"] for item in rehearsal.inputs if "category" in item} if rehearsal else {}
    rows = "".join(f"    {python_text(name)}: pd.CategoricalDtype({python_text(values)}, ordered={ordered}),\n" for name, (values, ordered) in known.items())
    return f"CATEGORIES = {{\n{rows}}}" if rows else "CATEGORIES = {}"


def _dictionary(name: str, values: dict[str, Any], comment: str) -> str:
    rows = "".join(f"    {python_text(key)}: {python_text(value)},\n" for key, value in values.items())
    return f"# {comment[0].upper()}{comment[1:]}.\n{name} = {{\n{rows}}}" if rows else f"{name} = {{}}"


def _list(values: Sequence[str]) -> str:
    line = python_text(list(values))
    return line if len(line) < 110 else "[\n" + "".join(f"    {python_text(value)},\n" for value in values) + "]"


def write_state(derivation: Derivation, body: str) -> str:
    frozen = [each for each in derivation.frozen if re.search(rf"\bstate\.{each.name}\b", body)]
    fields = "".join(f"    {each.name}: Any\n" for each in frozen) or "    pass\n"
    loads = "".join(f'        {f.name}=load_file(folder / "{f.path}"){".eval()" if f.is_asked else ""},\n' for f in frozen)
    return (
        '@dataclass(frozen=True)\nclass State:\n    """The model and what was recorded at training time."""\n\n' + fields
        + '\n\ndef load(folder=ROOT):\n    """Read the model and what was recorded with it; once a process."""\n    folder = Path(folder)\n'
        + (f"    return State(\n{loads}    )\n" if loads else "    return State()\n")
    )


def _reading(derivation: Derivation, body: str) -> str:
    """What reads rows, and the functions of ours that the body calls."""
    return _read(derivation, body) + (f"\n\n{COMPLETE}" if "complete(" in body else "")


def _read(derivation: Derivation, body: str) -> str:
    if derivation.steps or derivation.is_of_library:
        said = "The steps that the notebook forecasts" if derivation.steps else f"The rows of `{derivation.data}`, which comes with the library"
        begin = f'def read(path=None):\n    """{said}; or those of a CSV file with the same columns."""\n'
        return f"{begin}    return {derivation.reading} if path is None else pd.read_csv(path)\n\n\n{AHEAD if derivation.steps else LIBRARY}"
    if derivation.window:
        said = f"The windows of {derivation.window} rows of a data file, read as the notebook reads {derivation.data}."
        return f'def read(path=ROOT / "{derivation.data}"):\n    """{said}"""\n    return windows_of({derivation.reading})\n\n\n{windows.HELPERS}'
    if derivation.lags:
        said = f"Each row of a data file, read as the notebook reads {derivation.data}, with those before it."
        texts = helpers(body)
        return f'def read(path=ROOT / "{derivation.data}"):\n    """{said}"""\n    return questions_of({derivation.reading})\n\n\n{texts}'
    return (
        f'def read(path=ROOT / "{derivation.data}"):\n    """The rows of a data file, read as the notebook reads {derivation.data}."""\n'
        f"    return {derivation.reading}\n"
    )


def write_definitions(code: CurrentCode, derivation: Derivation, shape: Shape) -> str:
    own = [i for i in derivation.definitions if not set(definition_names(code.sources[i])) & set(shape.functions)]
    unlisted = shape.rehearsal.unlisted if shape.rehearsal else ()
    return "".join(f"{_with_comments(code, i, without_listed(code.sources[i].rstrip(), unlisted))}\n\n\n" for i in own)


def without_listed(text: str, names: Collection[str]) -> str:
    """The text without these strings in its lists of several: columns that a row need not have."""
    for name in names:
        text = _without_one(text, name)
    return text


def _without_one(text: str, name: str) -> str:
    table = LineTable(text)
    edits = []
    for node in ast.walk(ast.parse(text)):
        items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
        if len(items) < (2 if isinstance(node, ast.List) else 3):  # a tuple of one needs its comma
            continue
        for number, item in enumerate(items):
            if isinstance(item, ast.Constant) and item.value == name:
                start, end = node_span(table, item)
                before, after = items[number - 1], items[min(number + 1, len(items) - 1)]
                edits.append((start, node_span(table, after)[0], "") if item is not items[-1] else (node_span(table, before)[1], end, ""))
    return apply_edits(text, edits)


def _with_comments(code: CurrentCode, index: int, text: str) -> str:
    comments = code.statement(index).comments if index >= 0 else ""
    return f"{comments.rstrip()}\n{text}" if comments.strip() else text


def write_answers(
    code: CurrentCode, derivation: Derivation, rehearsal: Rehearsal | None, head: str
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The function that holds the author's statements, and for each unit the lines where it stands in it (0, 0: it does not)."""
    text, kept = _answers(code, derivation, rehearsal, head)
    return text, _places(text, kept, len(derivation.units))


def _answers(
    code: CurrentCode, derivation: Derivation, rehearsal: Rehearsal | None, head: str = "def answers(rows, state):"
) -> tuple[str, list[tuple[int, str]]]:
    """The function that holds the author's statements, and the text of each unit in it by its number."""
    dropped = set(rehearsal.dropped) if rehearsal else set()
    lines = [head, '    """The predictions, and the probabilities where there are any, in the notebook\'s own terms."""']
    lines += [reindent(text, "    ") + "\n" for _, text in derivation.nested]
    kept: list[tuple[int, str]] = []
    cell = 0
    for number, unit in enumerate(derivation.units):
        if number in dropped:
            continue
        here = code.cell(unit.statement)
        if here != cell:
            lines += ([""] if cell else []) + [f"    # Cell {here}"]
            cell = here
        text = reindent(without_listed(unit.text, rehearsal.unlisted if rehearsal else ()), "    ")
        lines.append(text)
        kept.append((number, text))
    probabilities = derivation.probabilities or "()"
    lines.append(f"    return {derivation.answer}, {probabilities}\n")
    return "\n".join(lines), kept
