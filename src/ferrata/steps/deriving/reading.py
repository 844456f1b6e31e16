"""The author's call that reads the data, as the prediction function says it."""

from __future__ import annotations

import ast

from ferrata.records.observation import Site
from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.steps.deriving.follow import ANSWER
from ferrata.steps.deriving.rewriting import Stuck, site_of
from ferrata.steps.deriving.rules.reading import is_numbered
from ferrata.steps.deriving.slices import Slice


def reading_of(found: Slice) -> tuple[str, str]:
    """The call that reads the data file, with `path` for the file, and where the file is in the project; for prepared rows, the project's own loader."""
    if found.root.details.get("steps"):
        return f'pd.DataFrame({{"step": range(1, {found.root.details["steps"] + 1})}})', found.plan.data[0].path if found.plan.data else "the notebook"
    if "library" in found.root.details:
        return _of_library(found)
    if found.root.statement == ANSWER:
        return _prepared(found)
    if "images" in found.facts.answer:
        return "", ", ".join(item.path for item in found.plan.data)
    source = found.code.sources[found.root.statement]
    node = next(each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.expr) and site_of(each) == found.root.site and isinstance(each, ast.Call))
    table = LineTable(source)
    start, end = node_span(table, node)
    first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg in ("filepath_or_buffer", "io", "path", "fname")), None)
    if first is None:
        raise Stuck("the file that is read could not be told")
    a, b = node_span(table, first)
    item = next((item for item in found.plan.data if found.root.statement in item.readers), None)
    if item is None:
        raise Stuck("the file that is read is none of the project's data")
    reading = apply_edits(source[start:end], [(a - start, b - start, "path")])
    if found.root.details.get("kind") == "array":  # NumPy's reading, whose columns have no names
        return f'pd.DataFrame({reading}).rename(columns=lambda number: f"x{{number}}")', item.path
    return (f"{reading}.rename(columns=str)" if is_numbered(found.root) else reading), item.path


def _of_library(found: Slice) -> tuple[str, str]:
    """The author's call that loads the data set, as a table; and what it is called."""
    statement, *place = found.root.details["loader"]
    calls = [each for each in ast.walk(ast.parse(found.code.sources[statement])) if isinstance(each, ast.Call) and site_of(each) == Site(*place)]
    if not calls:
        raise Stuck("the call that loads the data could not be told")
    calls[0].keywords = [each for each in calls[0].keywords if each.arg != "return_X_y"]
    return f"library_rows({ast.unparse(calls[0])})", ast.unparse(calls[0].func).rsplit(".", 1)[-1]


def variable_of(rows: ast.expr) -> ast.expr:
    """Of `test[columns]` or `test.drop(columns="y")` the variable: that is what the pipeline keeps, the rest stays in the function."""
    while isinstance(rows, (ast.Subscript, ast.Attribute, ast.Call)):
        rows = rows.func if isinstance(rows, ast.Call) else rows.value
    return rows


def _prepared(found: Slice) -> tuple[str, str]:
    """The model was asked about a variable that the pipeline writes to a file."""
    assert found.plan.predictions is not None
    call = ast.parse(found.plan.predictions.prediction, mode="eval").body
    name = ast.unparse(variable_of(call.args[0])) if isinstance(call, ast.Call) else ""
    crossing = next((each for each in found.plan.crossings if each.name == name and each.format and not each.path.startswith("model/")), None)
    if crossing is None:
        raise Stuck(f"the pipeline keeps no file of `{name}`")
    if found.root.details["kind"] == "array":
        return 'pd.DataFrame(load_file(path)).rename(columns=lambda number: f"x{number}")', crossing.path
    return "load_file(path)", crossing.path
