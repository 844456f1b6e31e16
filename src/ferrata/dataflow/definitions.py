"""Which statements can stand in any stage that needs them, and which pairs must keep their order.

Imports, definitions and literal constants have no effect but to bind a name, so each stage that needs one gets it. All other statements run once; one may
only overtake another when neither writes what the other reads or writes (the reads-and-writes condition of Bernstein, 1966).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from ferrata.records.analysis import Node


def definition_names(source: str) -> tuple[str, ...]:
    """The names that an import, a definition or a literal constant binds; () for any other statement."""
    body = ast.parse(source).body
    if len(body) != 1:
        return ()
    return _bound_by(body[0])


def _bound_by(node: ast.stmt) -> tuple[str, ...]:
    if isinstance(node, ast.Import):
        return tuple((alias.asname or alias.name.split(".")[0]) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return tuple((alias.asname or alias.name) for alias in node.names)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return (node.name,)
    if isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets) and (_is_literal(node.value) or isinstance(node.value, ast.Lambda)):
        return tuple(t.id for t in node.targets if isinstance(t, ast.Name))
    return ()


def _is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("range", "list", "tuple", "dict", "set"):
        return all(_is_literal(argument) for argument in (*node.args, *(keyword.value for keyword in node.keywords)))
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def is_import(source: str) -> bool:
    body = ast.parse(source).body
    return bool(body) and all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in body)


def is_definition(source: str) -> bool:
    body = ast.parse(source).body
    return len(body) == 1 and isinstance(body[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def definitions(kept: Sequence[int], sources: Mapping[int, str], nodes: Mapping[int, Node]) -> frozenset[int]:
    """The kept statements that may be repeated in every stage: each name of theirs is bound once, and never changed in place."""
    writers = Counter(name for index in kept for name in nodes[index].writes)
    found = set()
    for index in kept:
        names = definition_names(sources[index])
        if is_import(sources[index]) or (names and all(writers[name] == 1 for name in names)):
            found.add(index)
    return frozenset(found)


def must_keep_order(first: Node, second: Node) -> bool:
    return bool(first.writes & second.reads or first.reads & second.writes or first.writes & second.writes)


def overtakes(index: int, waiting: Iterable[int], nodes: Mapping[int, Node], fixed: Collection[str]) -> bool:
    """Whether `index` may run before all of `waiting`; `fixed` are names bound by definitions, which never conflict."""
    node = _without(nodes[index], fixed)
    return not any(must_keep_order(_without(nodes[other], fixed), node) for other in waiting)


def _without(node: Node, names: Collection[str]) -> Node:
    return Node(node.index, node.role, node.reads - frozenset(names), node.writes - frozenset(names))
