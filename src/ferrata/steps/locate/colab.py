"""Code that only Google Colab can run: the drive, uploads, sign-in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ferrata.records.notebook import Cell, Notebook, Statement
from ferrata.source.edits import LineTable, node_span
from ferrata.source.statements import parse
from ferrata.source.texts import dotted

RULE = "colab"


@dataclass(frozen=True)
class ColabEdit:
    """`uploads` are names of files whose contents belong in the replacement: their place is not known here."""

    statement: int
    start: int
    end: int
    after: str
    why: str
    uploads: tuple[str, ...] = ()


def colab_edits(notebook: Notebook) -> Iterator[ColabEdit]:
    """Every edit that takes Google Colab out of the notebook. Imports inside `try` and `if` are left alone: they ask where they are."""
    names: set[str] = set()
    for statement in notebook.statements:
        if "google.colab" not in statement.source and not any(name in statement.source for name in names):
            continue
        for node in parse(statement.source).body:
            yield from _node_edits(notebook, statement, node, names)


def _node_edits(notebook: Notebook, statement: Statement, node: ast.stmt, names: set[str]) -> Iterator[ColabEdit]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from _import(statement, node, names)
        return
    table = LineTable(statement.source)
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(call, ast.Call) and _is_colab(call, names) and not _is_upload(call):
        yield ColabEdit(statement.index, *node_span(table, node), "pass", "Only Google Colab has this call.")
        return
    for call in _calls(node, names):
        if _is_upload(call):
            files = _uploaded_files(notebook, statement)
            yield ColabEdit(statement.index, *node_span(table, call), "{}", "Files uploaded to Google Colab are read from the notebook's folder.", files)
        else:
            yield ColabEdit(statement.index, *node_span(table, call), _value(call), "Only Google Colab has this call.")


def _import(statement: Statement, node: ast.Import | ast.ImportFrom, names: set[str]) -> Iterator[ColabEdit]:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    found = [alias for alias in node.names if f"{module}.{alias.name}".lstrip(".").startswith("google.colab")]
    if not found:
        return
    names.update(alias.asname or (alias.name if module else "google.colab") for alias in found)
    shown = [alias.asname or alias.name for alias in found if alias.name == "cv2_imshow"]
    span = node_span(LineTable(statement.source), node)
    if shown:
        yield ColabEdit(statement.index, *span, f"{shown[0]} = lambda image: None", "Only Google Colab can show an image this way.")
    elif len(found) == len(node.names):
        yield ColabEdit(statement.index, *span, "pass", "The module google.colab exists on Google Colab only.")


def _calls(node: ast.AST, names: set[str]) -> list[ast.Call]:
    """Outermost Colab calls of a statement, those guarded by a test for Colab left out."""
    if isinstance(node, (ast.Try, ast.If)) and "colab" in ast.unparse(node).lower():
        return []
    if isinstance(node, ast.Call) and _is_colab(node, names):
        return [node]
    return [call for child in ast.iter_child_nodes(node) for call in _calls(child, names)]


def _is_colab(call: ast.Call, names: set[str]) -> bool:
    name = dotted(call.func)
    root = name.split(".")[0]
    return root in names and root != "cv2_imshow" and "." in name or name.startswith("google.colab.")


def _is_upload(call: ast.Call) -> bool:
    return dotted(call.func).endswith("files.upload")


def _value(call: ast.Call) -> str:
    name = dotted(call.func)
    if name.endswith("userdata.get") and call.args and isinstance(call.args[0], ast.Constant):
        return f'__import__("os").environ.get({call.args[0].value!r}, "")'
    return "None"


def _uploaded_files(notebook: Notebook, statement: Statement) -> tuple[str, ...]:
    """Names of the files that were uploaded: from the cell's saved output ("Saving x.csv to x.csv"), else from later `uploaded["x.csv"]`."""
    cell: Cell = next(one for one in notebook.cells if one.number == statement.cell)
    saved = re.findall(r"^Saving (?:.+) to (.+)$", "\n".join(output.text for output in cell.outputs), re.MULTILINE)
    if saved:
        return tuple(dict.fromkeys(name.strip() for name in saved))
    target = re.match(r"\s*(\w+)\s*=", statement.source)
    later: Sequence[str] = [other.source for other in notebook.statements if other.index >= statement.index]
    if target is None:
        return ()
    pattern = rf"\b{target.group(1)}\[\s*[fr]?['\"]([^'\"]+)['\"]\s*\]"
    return tuple(dict.fromkeys(re.findall(pattern, "\n".join(later))))
