"""What rules may ask about the notebook around a statement: what names mean, what is installed, what failed."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from ferrata.records.notebook import Notebook
from ferrata.records.observation import Failure
from ferrata.steps.repairs.kinds import Kinds
from ferrata.steps.repairs.text import Text


class Context:
    """`packages` maps canonical distribution names to installed versions; `warnings` what each statement warned of in a run."""

    def __init__(
        self,
        notebook: Notebook,
        sources: Mapping[int, str],
        packages: Mapping[str, str],
        failure: Failure | None = None,
        warnings: Mapping[int, Iterable[str]] | None = None,
    ) -> None:
        self.notebook, self.packages, self.failure = notebook, packages, failure
        self.warnings = {index: tuple(texts) for index, texts in (warnings or {}).items()}
        self.texts = [
            text for text in (Text(one, sources.get(one.index, one.source)) for one in notebook.statements if one.index in sources) if _parses(text)
        ]

    def has(self, package: str, since: str) -> bool:
        """Whether the package is installed, in this version or later."""
        installed = self.packages.get(package) or self.packages.get(f"{package}-cpu")
        return installed is not None and _numbers(installed) >= _numbers(since)

    @cached_property
    def names(self) -> dict[str, str]:
        """Imported names to dotted paths, over the whole notebook: `pd` → `pandas`."""
        found: dict[str, str] = {}
        for node in (node for text in self.texts for node in ast.walk(text.tree)):
            if isinstance(node, ast.Import):
                found |= {
                    alias.asname or alias.name.partition(".")[0]: alias.name if alias.asname else alias.name.partition(".")[0] for alias in node.names
                }
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*"}
        return found

    @cached_property
    def star_modules(self) -> tuple[str, ...]:
        nodes = (node for text in self.texts for node in ast.walk(text.tree) if isinstance(node, ast.ImportFrom))
        return tuple(node.module or "" for node in nodes if any(alias.name == "*" for alias in node.names))

    @cached_property
    def kinds(self) -> Kinds:
        return Kinds([text.tree for text in self.texts], self.dotted)

    def dotted(self, node: ast.AST) -> str:
        """The full path that a name or attribute means (`tf.keras.layers.Dense` → "keras.layers.Dense"), "" when it is no import."""
        return _one_keras(self.path(node))

    def path(self, node: ast.AST) -> str:
        """As `dotted`, with the door to keras as the author wrote it."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        base = self.names.get(node.id) or self._from_star(node.id)
        return ".".join([base, *reversed(parts)]) if base else ""

    def is_function(self, node: ast.AST, root: str, *names: str) -> bool:
        """Whether a call's function is one of these names of a package, by whichever of its modules it was imported from."""
        path = self.dotted(node)
        return path.partition(".")[0] == root and path.rpartition(".")[2] in names

    @cached_property
    def suspects(self) -> frozenset[int]:
        """Statements that the failure may come from: the one that failed, and the definitions it uses, however deep."""
        if self.failure is None:
            return frozenset()
        definitions = {
            node.name: text
            for text in self.texts
            for node in text.tree.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        }
        found: set[int] = set()
        queue = [text for text in self.texts if text.index == self.failure.index]
        while queue:
            text = queue.pop()
            if text.index not in found:
                found.add(text.index)
                queue += [definitions[node.id] for node in ast.walk(text.tree) if isinstance(node, ast.Name) and node.id in definitions]
        return frozenset(found)

    @property
    def message(self) -> str:
        """ "Type: text" of the failure, "" without one."""
        return f"{self.failure.type.rpartition('.')[2]}: {self.failure.message}" if self.failure else ""

    def failed_with(self, pattern: str, text: Text) -> re.Match[str] | None:
        """The match of a pattern in the failure's message, when the failure may come from this text."""
        return re.search(pattern, self.message, re.DOTALL) if text.index in self.suspects else None

    def _from_star(self, name: str) -> str:
        """A name that nothing in the notebook binds may come from `from module import *`; sure only when there is one such module."""
        roots = {module.partition(".")[0] for module in self.star_modules}
        return f"{self.star_modules[0]}.{name}" if len(roots) == 1 and name not in self._bound else ""

    @cached_property
    def _bound(self) -> frozenset[str]:
        stored = {node.id for text in self.texts for node in ast.walk(text.tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        defined = {
            node.name
            for text in self.texts
            for node in ast.walk(text.tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        }
        return frozenset(stored | defined | set(dir(builtins)))


def _parses(text: Text) -> bool:
    try:
        return bool(text.tree.body)
    except SyntaxError:
        return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


def _one_keras(path: str) -> str:
    """keras is reached by four doors."""
    return re.sub(r"^(?:tensorflow\.compat\.v[12]\.keras|tensorflow\.python\.keras|tensorflow\.keras|tensorflow_core\.keras)(?=\.|$)", "keras", path)
