"""How near a package is to a score: how many steps of names lie between the statement that gives the score and a name that was imported from it.

Only the order of trials depends on this, never a verdict: names are followed through the texts, whatever they are bound to.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ferrata.steps.explaining.files import files_of, text_of

FAR = 1_000


def near(tree: Path, scores: Iterable[str], modules: Mapping[str, str]) -> dict[str, int]:
    """{package: steps}; `modules` are packages by their top-level modules. What is imported but not on the way is FAR; what is not imported is not there."""
    statements = [statement for path in sorted(files_of(tree).code) if path.endswith(".py") for statement in _statements(text_of(tree / path))]
    imported = _imported(statements, modules)
    found = dict.fromkeys(imported.values(), FAR)
    for words, steps in _steps(statements, {_letters(name.rpartition(": ")[2]) for name in scores}):
        for word in words & imported.keys():
            found[imported[word]] = min(found[imported[word]], steps)
    return found


def _statements(text: str) -> list[ast.stmt]:
    """Simple statements, and the heads of those that hold others."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]


def _imported(statements: Iterable[ast.stmt], modules: Mapping[str, str]) -> dict[str, str]:
    """{name in the code: package}"""
    found: dict[str, str] = {}
    for node in statements:
        if isinstance(node, ast.Import):
            found |= {(each.asname or each.name).partition(".")[0]: modules.get(each.name.partition(".")[0], "") for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {each.asname or each.name: modules.get(node.module.partition(".")[0], "") for each in node.names}
    return {name: package for name, package in found.items() if package}


def _steps(statements: Sequence[ast.stmt], wanted: set[str]) -> Iterator[tuple[frozenset[str], int]]:
    """(what is read there, how far that is from the scores), nearest first: from a name to the statements that bind it, or that name the same file."""
    binding: dict[str, list[int]] = defaultdict(list)
    reads: list[frozenset[str]] = []
    for number, node in enumerate(statements):
        for name in _bound(node):
            binding[name].append(number)
        reads.append(_read(node))
    front = [number for number, node in enumerate(statements) if wanted & {_letters(name) for name in (*_bound(node), *_texts(node))}]
    seen, steps = set(front), 0
    while front:
        yield frozenset(name for number in front for name in reads[number]), steps
        front = list(dict.fromkeys(other for number in front for name in reads[number] for other in binding.get(name, ()) if other not in seen))
        seen |= set(front)
        steps += 1


def _own(node: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement without the statements in it."""
    inner = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
    return (part for child in inner for part in ast.walk(child) if not isinstance(part, ast.stmt))


def _bound(node: ast.stmt) -> set[str]:
    names = {part.id for part in _own(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        names.add(node.name)
    return names | {text for text in _texts(node) if "/" in text}


def _read(node: ast.stmt) -> frozenset[str]:
    """Of a function everything in it: who calls it reads that."""
    parts = list(ast.walk(node)) if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)) else list(_own(node))
    names = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    return frozenset(names | {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str) and "/" in part.value})


def _texts(node: ast.stmt) -> set[str]:
    return {part.value for part in _own(node) if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) < 100}


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
