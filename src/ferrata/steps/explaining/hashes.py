"""Where the order of a set gets into a result: found in the text, and proved by a trial in which that very set is sorted first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ferrata.records.explanation import Difference
from ferrata.source.differences import Hunk
from ferrata.source.edits import LineTable, node_span
from ferrata.steps.explaining.files import files_of, text_of
from ferrata.steps.explaining.measure import Measure
from ferrata.steps.explaining.narrowing import smallest
from ferrata.steps.explaining.setup import Conditions
from ferrata.steps.explaining.trials import Trials

_ORDERED = frozenset("list tuple enumerate zip map filter iter dict array asarray Series Index DataFrame join fromkeys concat concatenate".split())
_SETS = frozenset("set frozenset".split())
_METHODS = frozenset("union intersection difference symmetric_difference".split())


def statements(trials: Trials, measure: Measure, seeds: Sequence[str] = ("0", "1", "2")) -> list[tuple[str, int, str]]:
    """(file, line, statement) of the sets without whose order every hash seed gives the same; nothing where that cannot be proved."""
    assert trials.here.tree is not None
    found = [each for path in sorted(files_of(trials.here.tree).code) for each in _in_text(path, text_of(trials.here.tree / path))]

    def is_fixed(some: Sequence[Difference]) -> bool:
        results = [trials.run(some, Conditions((("PYTHONHASHSEED", seed),))) for seed in seeds]
        return all(measure.same(results[0], other) for other in results[1:])

    if not found or not is_fixed(found):
        return []
    return [(each.place, each.line, each.here) for each in smallest(found, is_fixed)]


def _in_text(path: str, text: str) -> Iterator[Difference]:
    """Each set whose elements are taken one after the other, as an edit that sorts it first."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    table, lines = LineTable(text), text.splitlines()
    names = _names_of_sets(tree)
    for number, node in enumerate(dict.fromkeys(_iterated(tree))):
        if _is_set(node, names):
            start, end = node_span(table, node)
            said = lines[node.lineno - 1].strip()
            hunk = Hunk(start, end, f"sorted({text[start:end]}, key=repr)", node.lineno, said, "", 0)
            yield Difference("code", f"{path}, set {number}", said, payload=(path, hunk), place=path, line=node.lineno)


def _iterated(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension)):
            yield node.iter
        elif isinstance(node, ast.Call) and _called(node) in _ORDERED:
            yield from node.args
        elif isinstance(node, ast.Starred):
            yield node.value


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def _is_set(node: ast.expr, names: frozenset[str]) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if isinstance(node, ast.Call):
        return _called(node) in _SETS or (_called(node) in _METHODS and isinstance(node.func, ast.Attribute) and _is_set(node.func.value, names))
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)):
        return _is_set(node.left, names) or _is_set(node.right, names)
    return isinstance(node, ast.Name) and node.id in names


def _names_of_sets(tree: ast.AST) -> frozenset[str]:
    """Names that are bound to a set somewhere in the file."""
    found: frozenset[str] = frozenset()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _is_set(node.value, found):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None and _is_set(node.value, found) and isinstance(node.target, ast.Name):
            found |= {node.target.id}
    return found


