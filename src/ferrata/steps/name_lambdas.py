"""Functions without a name that a model keeps get one: `FunctionTransformer(lambda x: np.log1p(x))` cannot be written to a file, with a named function it can.

`lambda` and `def` at the top of a notebook do the same: both look their names up when they are called.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ferrata.records.notebook import Cell, Notebook, Statement
from ferrata.source.edits import LineTable, apply_edits, node_span
from ferrata.source.names import statement_names

# What keeps the functions that it is given.
_KEEPING = frozenset(
    "FunctionTransformer TransformedTargetRegressor CountVectorizer TfidfVectorizer HashingVectorizer "
    "KNeighborsClassifier KNeighborsRegressor SVC SVR".split()
)
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.Expr)


@dataclass(frozen=True)
class Named:
    """`lambda` text and the name that it got, in a cell."""

    cell: int
    text: str
    name: str

    @property
    def told(self) -> str:
        return (
            f"cell {self.cell}: `{self.text[:80]}` is written as the function `{self.name}`: "
            "a model that keeps a function without a name cannot be written to a file"
        )


def name_lambdas(notebook: Notebook) -> tuple[Notebook, tuple[Named, ...]]:
    """The notebook with a definition before each statement that gives a lambda to what keeps it, and what was named."""
    sources = [statement.source for cell in notebook.cells for statement in cell.statements]
    if not any("lambda" in source for source in sources) or not any(name in source for name in _KEEPING for source in sources):
        return notebook, ()
    naming = _Naming(_known(sources), _given(sources), set(re.findall(r"[^\W\d]\w*", "\n".join(sources))))
    cells: list[Cell] = []
    for cell in notebook.cells:
        first = sum(len(each.statements) for each in cells)
        made = [each for statement in cell.statements for each in naming.statements(statement)]
        cells.append(replace(cell, statements=tuple(replace(each, index=first + place) for place, each in enumerate(made))))
    return replace(notebook, cells=tuple(cells)), tuple(naming.found)


class _Naming:
    def __init__(self, known: Collection[str], given: Collection[str], taken: set[str]) -> None:
        self._known, self._given, self._taken = known, given, taken
        self.found: list[Named] = []

    def statements(self, statement: Statement) -> Iterator[Statement]:
        """The definitions that it needs now, and the statement."""
        body = ast.parse(statement.source).body if "lambda" in statement.source else []
        if len(body) != 1 or not isinstance(body[0], _SIMPLE):
            yield statement
            return
        own = self._assigned(statement, body[0])
        if own is not None:
            yield own
            return
        table, edits = LineTable(statement.source), []
        for node in _kept_lambdas(body[0]):
            if self._is_free(node) and node.lineno == node.end_lineno:
                name = self._named(statement, node, _name_of(node, self._taken))
                yield replace(statement, source=_definition(name, node), comments="", column=0)
                edits.append((*node_span(table, node), name))
        yield replace(statement, source=apply_edits(statement.source, edits)) if edits else statement

    def _assigned(self, statement: Statement, node: ast.stmt) -> Statement | None:
        """`log = lambda x: np.log1p(x)`, given to what keeps it later."""
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.value, ast.Lambda) or statement.column:
            return None
        name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
        if name not in self._given or not self._is_free(node.value):
            return None
        return replace(statement, source=_definition(self._named(statement, node.value, name), node.value))

    def _named(self, statement: Statement, node: ast.Lambda, name: str) -> str:
        self._taken.add(name)
        self.found.append(Named(statement.cell, ast.unparse(node), name))
        return name

    def _is_free(self, node: ast.Lambda) -> bool:
        """Whether it needs nothing that only the running notebook has."""
        names = statement_names(f"_ = {ast.unparse(node)}")
        return set(names.reads | names.deferred_reads) <= set(self._known) and not any(isinstance(each, (ast.Yield, ast.NamedExpr)) for each in ast.walk(node))


def _known(sources: Sequence[str]) -> set[str]:
    """Imports, definitions, and names that are bound once, to a constant."""
    bound = Counter(name for source in sources for name in statement_names(source).binds)
    found = set(dir(builtins))
    for source in sources:
        for node in ast.parse(source).body:
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
                found |= set(statement_names(source).binds)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                found |= {target.id for target in node.targets if isinstance(target, ast.Name) and bound[target.id] == 1}
    return found


def _keeping(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given to calls that keep it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) in _KEEPING:
            yield from (*node.args, *(keyword.value for keyword in node.keywords))


def _given(sources: Sequence[str]) -> set[str]:
    return {node.id for source in sources for node in _keeping(ast.parse(source)) if isinstance(node, ast.Name)}


def _kept_lambdas(statement: ast.stmt) -> list[ast.Lambda]:
    """Those that stand in no other function or comprehension."""
    inner = {id(each) for node in ast.walk(statement) if isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp))
             for each in ast.walk(node) if each is not node}
    return [node for node in _keeping(statement) if isinstance(node, ast.Lambda) and id(node) not in inner]


def _name_of(node: ast.Lambda, taken: Collection[str]) -> str:
    """By the first function that it calls: `apply_log1p`."""
    called = next((each.func for each in ast.walk(node.body) if isinstance(each, ast.Call)), None)
    word = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else "function"
    name, number = f"apply_{word}", 1
    while name in taken:
        number += 1
        name = f"apply_{word}_{number}"
    return name


def _definition(name: str, node: ast.Lambda) -> str:
    return f"def {name}({ast.unparse(node.args)}):\n    return {ast.unparse(node.body)}"
