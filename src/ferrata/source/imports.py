"""Imports of a module: the author's, without the names it does not use, in the three usual groups."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable


def write_imports(sources: Iterable[str], used: Collection[str], own: Iterable[str], stars: Collection[str] = ()) -> str:
    """`sources`: the author's import statements; `used`: names the module's code uses; `own`: import lines of the project; `stars`: modules whose
    star import is needed."""
    lines: dict[str, None] = {}
    for source in sources:
        for node in ast.parse(source).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                lines.update(dict.fromkeys(_pruned(node, used, stars)))
    standard = [line for line in lines if _is_standard(line)]
    other = [line for line in lines if not _is_standard(line)]
    groups = [sorted(standard), sorted(_merged(other), key=_sort_key), sorted(own)]
    return "\n\n".join("\n".join(group) for group in groups if group)


def without_modules(sources: Iterable[str], modules: Collection[str]) -> tuple[list[str], list[str]]:
    """The import statements one by one: those of other modules, and those of these."""
    texts = [text for source in sources for node in ast.parse(source).body for text in _one_by_one(node)]
    beside = [text for text in texts if text.split()[1].split(".")[0] in modules]
    return [text for text in texts if text not in beside], beside


def _one_by_one(node: ast.stmt) -> list[str]:
    """`import a, b` as two statements; [] for what is no import."""
    if isinstance(node, ast.Import):
        return [f"import {_alias(alias)}" for alias in node.names]
    return [ast.unparse(node)] if isinstance(node, ast.ImportFrom) else []


def _pruned(node: ast.Import | ast.ImportFrom, used: Collection[str], stars: Collection[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [f"import {_alias(a)}" for a in node.names if (a.asname or a.name.split(".")[0]) in used]
    module = "." * node.level + (node.module or "")
    if any(alias.name == "*" for alias in node.names):
        return [f"from {module} import *"] if module in stars else []
    return [f"from {module} import {_alias(a)}" for a in node.names if (a.asname or a.name) in used]


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname and alias.asname != alias.name else alias.name


def _is_standard(line: str) -> bool:
    return line.split()[1].split(".")[0] in sys.stdlib_module_names


def _merged(lines: Iterable[str]) -> list[str]:
    """`from m import a` and `from m import b` on one line."""
    result: dict[str, list[str]] = {}
    for line in lines:
        module, separator, name = line.partition(" import ")
        result.setdefault(module if separator else line, []).extend([name] if separator else [])
    return [wrapped(module, sorted(set(names))) if names else module for module, names in result.items()]


def wrapped(module: str, names: list[str], width: int = 120) -> str:
    line = f"{module} import {', '.join(names)}"
    if len(line) <= width:
        return line
    return f"{module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _sort_key(line: str) -> tuple[bool, str]:
    return (line.startswith("from "), line.lower())
