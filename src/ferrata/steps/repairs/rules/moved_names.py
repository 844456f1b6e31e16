"""A name that its library moved or renamed, and that means the same under its new path.

scikit-learn 0.24 "Deprecated modules … removed", scikit-learn 1.2 (`plot_confusion_matrix` → `ConfusionMatrixDisplay.from_estimator`), NumPy 1.24 ("expired
deprecations": `np.int` was `int`), NumPy 2.0 (`np.NaN`), keras 3, SciPy 1.12 … The list is `moved_names.toml`; imports and dotted uses are both
rewritten, and the name the author uses stays where it can.

    from sklearn.externals import joblib            import joblib
    from sklearn.metrics import plot_roc_curve      from sklearn.metrics import RocCurveDisplay
    plot_roc_curve(model, X, y)                     RocCurveDisplay.from_estimator(model, X, y)
    np.NaN                                          np.nan
"""

from __future__ import annotations

import ast
import builtins
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ferrata.steps.repairs.context import Context
from ferrata.steps.repairs.rule import Change, anywhere
from ferrata.steps.repairs.text import Text


@dataclass(frozen=True)
class _Move:
    old: str
    new: str
    package: str
    since: str
    is_module: bool

    @property
    def why(self) -> str:
        who = "Python" if self.package == "python" else self.package
        return f"{self.old} is {self.new} since {who} {self.since}"


@cache
def _moves() -> dict[str, _Move]:
    data = tomllib.loads((Path(__file__).parent / "moved_names.toml").read_text(encoding="utf-8"))
    return {
        old: _Move(old, new, group["package"], group["since"], table == "modules")
        for group in data["moved"]
        for table in ("modules", "names")
        for old, new in group.get(table, {}).items()
    }


def since(path: str) -> str:
    """The release that removed a path, "" when the list does not know it."""
    parts = path.split(".")
    found = (_moves().get(".".join(parts[:count])) for count in range(len(parts), 0, -1))
    return next((move.since for move in found if move), "")


def _find_move(path: str, context: Context) -> tuple[_Move, str] | None:
    """The move that covers a path, and its new path."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        move = _moves().get(".".join(parts[:count]))
        if move and _applies(move, context):
            return move, ".".join([move.new, *parts[count:]])
    return None


def _applies(move: _Move, context: Context) -> bool:
    if move.package == "keras" and not context.has("keras", move.since):
        return False
    return context.has(move.package, move.since)


def _find(text: Text, context: Context) -> Iterator[Change]:
    inner: set[int] = set()
    for node in ast.walk(text.tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from _from_import(node, text, context)
        elif isinstance(node, ast.Import):
            yield from _plain_import(node, text, context)
        elif isinstance(node, (ast.Attribute, ast.Name)) and id(node) not in inner and isinstance(node.ctx, ast.Load):
            changes = list(_use(node, text, context))
            if changes:
                inner |= {id(part) for part in ast.walk(node)}
            yield from changes


def _door(path: str) -> tuple[str, str]:
    """("tensorflow.", "keras.layers") for "tensorflow.keras.layers": the way in stays the author's."""
    for door in ("tensorflow.compat.v1.", "tensorflow.compat.v2.", "tensorflow.python.", "tensorflow_core.", "tensorflow."):
        if path.startswith(door + "keras"):
            return ("tensorflow." if door in ("tensorflow.python.", "tensorflow_core.") else door), path[len(door) :]
    return "", path


def _moved(path: str, context: Context) -> tuple[str, str, bool] | None:
    """(new path, why, whether it is a module) of a path as written."""
    door, plain = _door(path)
    found = _find_move(plain, context)
    if found is None:
        if path.startswith("tensorflow.python.keras") and context.has("keras", "3.0"):
            return f"tensorflow.{plain}", "tensorflow.python is private and no longer the keras in use", True
        return None
    move, new = found
    if door and new.startswith("tensorflow."):
        return None  # tf.keras still has it there
    return (door + new if new.startswith("keras") else new), move.why, move.is_module and new == move.new


def _from_import(node: ast.ImportFrom, text: Text, context: Context) -> Iterator[Change]:
    kept, lines, why = [], [], []
    for alias in node.names:
        path = f"{node.module}.{alias.name}" if alias.name != "*" else node.module or ""
        found = _moved(path, context)
        if found is None:
            kept.append(f"{alias.name} as {alias.asname}" if alias.asname else alias.name)
            continue
        why.append(found[1])
        lines.append(f"from {found[0]} import *" if alias.name == "*" else _import_line(found[0], alias, is_module=found[2]))
    if lines:
        first = [f"from {node.module} import {', '.join(kept)}"] if kept else []
        joined = _merged([*first, *lines])
        yield text.replaced(node, f"\n{text.indent(node)}".join(joined), "; ".join(dict.fromkeys(why)))


def _import_line(path: str, alias: ast.alias, *, is_module: bool) -> str:
    parent, _, last = path.rpartition(".")
    if last == "from_estimator":
        parent, _, last = parent.rpartition(".")
        return f"from {parent} import {last}" + (f" as {alias.asname}" if alias.asname else "")
    bound = alias.asname or alias.name
    if not parent:
        return f"import {path}" if bound == path else f"import {path} as {bound}"
    # A class or function keeps the author's name only where he chose it; `from keras.utils import np_utils` is a module, whose uses name it.
    return f"from {parent} import {last}" if bound == last or (not alias.asname and not is_module) else f"from {parent} import {last} as {bound}"


def _merged(lines: list[str]) -> list[str]:
    """Lines that import from the same module as one line."""
    found: dict[str, list[str]] = {}
    for line in lines:
        head, separator, names = line.partition(" import ")
        found.setdefault(head if separator else line, []).append(names)
    return [f"{head} import {', '.join(dict.fromkeys(names))}" if names[0] else head for head, names in found.items()]


def _plain_import(node: ast.Import, text: Text, context: Context) -> Iterator[Change]:
    parts, why = [], []
    for alias in node.names:
        found = _moved(alias.name, context)
        new = found[0] if found else alias.name
        why += [found[1]] if found else []
        parts.append(f"{new} as {alias.asname}" if alias.asname else new)
    if why:
        yield text.replaced(node, f"import {', '.join(parts)}", "; ".join(why))


def _use(node: ast.Attribute | ast.Name, text: Text, context: Context) -> Iterator[Change]:
    """The use of an imported name, or of something reached through one."""
    raw = context.path(node)
    found = _moved(raw, context) if raw else None
    root = _root(node)
    if found is None or root is None:
        return
    new, why, is_module = found
    if isinstance(node, ast.Name):
        if not is_module:
            yield from _name_use(node, new, why, text, context)
        return
    base = context.path(root)
    own = context.names.get(root.id)
    base_moved = _moved(base, context)
    if own and base_moved is not None:
        base = base_moved[0]  # the import itself is rewritten, so the name means the new path already
        if new.startswith(base + ".") and text.of(node).endswith(new[len(base) + 1 :]):
            return
    after = _spelled(new, base, root.id, context)
    if after is not None:
        prefix, expression = after
        yield text.replaced(node, expression, why)
        if prefix and text.statement.column == 0:
            yield Change(0, 0, prefix, why)


def _name_use(node: ast.Name, new: str, why: str, text: Text, context: Context) -> Iterator[Change]:
    """`plot_roc_curve` → `RocCurveDisplay.from_estimator`; a renamed class or function takes its new name unless the author chose one."""
    if not context.path(node):
        return
    old_last, new_last = context.path(node).rpartition(".")[2], new.rpartition(".")[2]
    if new_last == "from_estimator":
        owner = new.split(".")[-2]
        yield text.replaced(node, f"{owner if node.id == old_last else node.id}.from_estimator", why)
    elif node.id == old_last and new_last != old_last:
        yield text.replaced(node, new_last, why)


def _spelled(new: str, base: str, name: str, context: Context) -> tuple[str, str] | None:
    """(import line to put in front, expression) for a new path, None when it can't be written without guessing."""
    if new in dir(builtins):
        return "", new
    if new.startswith(base + "."):
        return "", f"{name}.{new[len(base) + 1 :]}"
    for bound, path in sorted(context.names.items(), key=lambda item: -len(item[1])):
        if new == path:
            return "", bound
        if new.startswith(path + "."):
            return "", f"{bound}.{new[len(path) + 1 :]}"
    if new == "numpy":
        return "import numpy as np\n", "np"
    module, _, last = new.rpartition(".")
    return (f"import {new}\n", new) if not module else (f"from {module} import {last}\n", last)


def _root(node: ast.expr) -> ast.Name | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node if isinstance(node, ast.Name) else None


RULE = anywhere("moved-name", _find, __doc__)
