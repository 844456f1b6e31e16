"""What a notebook's code imports: modules of distributions, and modules that lie beside it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ferrata.records.notebook import Notebook
from ferrata.source import statements
from ferrata.steps.settle.distributions import known


@dataclass(frozen=True)
class Import:
    """A dotted module and the first place it is imported at. `optional`: inside a `try` that catches its absence."""

    module: str
    cell: int
    line: int
    optional: bool = False


@dataclass(frozen=True)
class Needs:
    """`modules` of distributions (no standard library), `local` files and folders beside the notebook, names of `calls`, string `suffixes`."""

    modules: tuple[Import, ...] = ()
    local: tuple[Path, ...] = ()
    calls: frozenset[str] = field(default_factory=frozenset)
    suffixes: frozenset[str] = field(default_factory=frozenset)


def needs(notebook: Notebook) -> Needs:
    """Everything the notebook's statements, and the local modules they import, ask for."""
    found: dict[str, Import] = {}
    local: dict[Path, None] = {}
    trees = [(tree, cell, line) for tree, cell, line in _trees(notebook)]
    folders = [notebook.path.parent, *_added_to_path(notebook.path.parent, [tree for tree, _, _ in trees])]
    calls: set[str] = set()
    suffixes: set[str] = set()
    queue = [(tree, cell, line, notebook.path.parent) for tree, cell, line in trees]
    while queue:
        tree, cell, line, folder = queue.pop(0)
        calls |= set(_called(tree))
        suffixes |= set(_suffixes(tree))
        for imported in _imports(tree, cell, line):
            path = _local(imported.module, [folder, *folders])
            if path is not None and path not in local:
                local[path] = None
                queue += [(inner, imported.cell, imported.line, path if path.is_dir() else path.parent) for inner in _module_trees(path)]
            elif path is None and not _is_standard(imported.module):
                found.setdefault(_key(imported.module), imported)
    return Needs(tuple(found.values()), tuple(local), frozenset(calls), frozenset(suffixes))


def parse(source: str) -> ast.Module | None:
    """The tree of a piece of notebook code (`await` at the top is fine), None when it is not Python."""
    try:
        return statements.parse(source)
    except SyntaxError:
        return None


def _trees(notebook: Notebook) -> Iterator[tuple[ast.Module, int, int]]:
    for statement in notebook.statements:
        tree = parse(statement.source)
        if tree is not None:
            yield tree, statement.cell, statement.line


def _imports(tree: ast.Module, cell: int, line: int) -> Iterator[Import]:
    optional = {
        id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try) and _catches_absence(node) for part in node.body for inner in ast.walk(part)
    }
    for node in ast.walk(tree):
        for module in _modules(node):
            yield Import(module, cell, line + getattr(node, "lineno", 1) - 1, id(node) in optional)


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        stem = "." * node.level + (node.module or "")
        # `from google.cloud import storage` names the module only with its last part.
        return [f"{stem}{'' if stem.endswith('.') or not stem else '.'}{alias.name}" for alias in node.names if alias.name != "*"] or [stem]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "import_module", "__import__") and node.args:
        first = node.args[0]
        return [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
    return []


def _catches_absence(node: ast.Try) -> bool:
    names = {name for handler in node.handlers for name in (ast.unparse(handler.type).strip("()").split(", ") if handler.type else ["Exception"])}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def _key(module: str) -> str:
    """One entry per distribution-bearing prefix."""
    parts = module.split(".")
    table = known()
    for count in range(len(parts), 1, -1):
        prefix = ".".join(parts[:count])
        if prefix in table.submodules or prefix in table.gone or prefix in table.successors:
            return prefix
    return parts[0]


def _is_standard(module: str) -> bool:
    top = module.lstrip(".").partition(".")[0]
    return not top or top in sys.stdlib_module_names or top == "__main__"


def _local(module: str, folders: Iterable[Path]) -> Path | None:
    """The file or package folder that `module` means when it lies in one of the folders.

    A folder without `__init__.py` counts only when no distribution has that name: an installed package wins over it in Python too.
    """
    top = module.lstrip(".").partition(".")[0]
    if not top or (top in sys.stdlib_module_names and not module.startswith(".")):
        return None
    for folder in folders:
        if (folder / f"{top}.py").is_file():
            return folder / f"{top}.py"
        package = folder / top
        if (package / "__init__.py").is_file():
            return package
        if package.is_dir() and known().find(module) is None and any(package.glob("*.py")):
            return package
    return None


def _module_trees(path: Path) -> list[ast.Module]:
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    trees = (parse(file.read_text(encoding="utf-8", errors="replace")) for file in files[:200])
    return [tree for tree in trees if tree is not None]


def _added_to_path(base: Path, trees: Iterable[ast.Module]) -> list[Path]:
    """Folders that the notebook adds to `sys.path` with a literal."""
    found = []
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if ast.unparse(node.func) not in ("sys.path.append", "sys.path.insert", "path.append"):
            continue
        for constant in ast.walk(node):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str) and (base / constant.value).is_dir():
                found.append((base / constant.value).resolve())
    return found


def _called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id


def _suffixes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 300 and "." in node.value:
            yield Path(node.value.partition("?")[0]).suffix.lower()
