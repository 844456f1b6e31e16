"""A public name that is imported from a module of its package that does not have it.

Where the package documents the name under one other module (`usual_imports.toml`), it is imported from there; the other names of the line stay.

    from tensorflow.keras import Sequential, load_model     from tensorflow.keras import Sequential
                                                            from tensorflow.keras.models import load_model
    from sklearn import train_test_split                    from sklearn.model_selection import train_test_split
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, on_failure
from ferrata.steps.repairs.text import Text
from ferrata.steps.repairs.usual_imports import usual_import

_MESSAGE = r"ImportError: cannot import name '(\w+)' from '([\w.]+)'"


def _find(text: Text, context: Context) -> Iterator[Change]:
    found = context.failed_with(_MESSAGE, text)
    for node in ast.walk(text.tree) if found else ():
        if found and isinstance(node, ast.ImportFrom) and not node.level and any(alias.name == found[1] for alias in node.names):
            module = _home(found[1], node.module or "")
            if module and module != node.module:
                yield text.replaced(node, _split(node, found[1], module, text.indent(node)), f"`{found[1]}` is in {module}, not in {node.module}")


def _home(name: str, written: str) -> str:
    """The module that has the name, in the same package and by the door that was written; "" when it is not known."""
    usual = re.fullmatch(r"from ([\w.]+) import \w+", usual_import(name))
    home = usual[1] if usual else ""
    if written.partition(".")[0] == "keras":
        home = home.removeprefix("tensorflow.")
    return home if home.partition(".")[0] == written.partition(".")[0] else ""


def _split(node: ast.ImportFrom, name: str, module: str, indent: str) -> str:
    kept = [_written(alias) for alias in node.names if alias.name != name]
    moved = [_written(alias) for alias in node.names if alias.name == name]
    lines = [f"from {node.module} import {', '.join(kept)}"] if kept else []
    return f"\n{indent}".join([*lines, f"from {module} import {', '.join(moved)}"])


def _written(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


RULE = on_failure("misplaced-import", _find, __doc__, message=_MESSAGE)
