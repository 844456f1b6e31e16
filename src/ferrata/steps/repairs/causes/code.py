"""Causes in the author's own code."""

from __future__ import annotations

import re

from ferrata.source.names import statement_names
from ferrata.steps.repairs.causes.scene import Answer, Scene
from ferrata.steps.repairs.usual_imports import usual_import

_PYTHON2 = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "reduce": "functools.reduce",
    "unichr": "chr",
    "execfile": "exec",
}


def wants_input(scene: Scene) -> Answer | None:
    if scene.type not in ("EOFError", "StdinNotImplementedError", "InputNeeded") and not scene.search(
        "raw_input was called|input was called"
    ):
        return None
    return f"{scene.place} waits for somebody to type an answer", "Replace input() by a value."


def undefined_name(scene: Scene) -> Answer | None:
    found = re.search(r"name '(\w+)' is not defined|local variable '(\w+)' referenced|cannot access local variable '(\w+)'", scene.message)
    if scene.type not in ("NameError", "UnboundLocalError") or not found:
        return None
    name = next(part for part in found.groups() if part)
    if name in _PYTHON2:
        return (
            f"{scene.place} is written for Python 2: `{name}` is {_PYTHON2[name]} in Python 3",
            f"Replace `{name}` by `{_PYTHON2[name]}`.",
        )
    later = [cell for cell in _binding_cells(scene, name) if cell > scene.failure.cell]
    broken = [one.cell for one in scene.notebook.broken if one.cell < scene.failure.cell]
    if later:
        return (
            f"{scene.place} uses `{name}`, which is only defined later, in cell {later[0]}",
            f"Move the definition of `{name}` before cell {scene.failure.cell}.",
        )
    if usual := usual_import(name):
        return f"{scene.place} uses `{name}`, which no cell imports", f"Add `{usual}` to the first cell."
    if broken:
        return (
            f"{scene.place} uses `{name}`, which no cell that runs defines; cell {broken[-1]} is no Python and was left out",
            f"Repair cell {broken[-1]}.",
        )
    return (
        f"{scene.place} uses `{name}`, which no cell defines (the cell that did was deleted, perhaps)",
        f"Define `{name}` before cell {scene.failure.cell}.",
    )


def _binding_cells(scene: Scene, name: str) -> list[int]:
    found = []
    for statement in scene.notebook.statements:
        try:
            if name in statement_names(statement.source).binds:
                found.append(statement.cell)
        except SyntaxError:
            continue
    return found


def not_python(scene: Scene) -> Answer | None:
    if scene.type not in ("SyntaxError", "IndentationError", "TabError"):
        return None
    return f"{scene.place} is not valid Python 3: {scene.first_line}", "Repair the cell."


def own_error(scene: Scene) -> Answer | None:
    """The author's own `assert` or `raise`."""
    source = scene.statement.source if scene.statement else ""
    if scene.type == "AssertionError":
        return (
            f"{scene.place} asserts something that is not so{': ' + scene.first_line if scene.first_line else ''}",
            "Check what it asserts on this data.",
        )
    if scene.type in ("SystemExit", "KeyboardInterrupt"):
        return f"{scene.place} ends the program itself ({scene.type})", "Take the call out that ends it."
    lines = source.splitlines()
    line = lines[scene.failure.line - 1] if 0 < scene.failure.line <= len(lines) else ""
    if re.match(r"\s*raise\b", line):
        return f"{scene.place} raises its own error: {scene.first_line or scene.type}", "Check what it tests on this data."
    return None


def anything(scene: Scene) -> Answer:
    said = f": {scene.first_line}" if scene.first_line else ""
    return (
        f"{scene.place} fails with {scene.type}{said}",
        "Run the notebook's cells in order up to this one; if it fails there too, repair it and adopt again.",
    )
