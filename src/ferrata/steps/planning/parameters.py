"""Literals worth turning, lifted to params.yaml.

The rule, in this order: seeds; how the data is split; the settings a model is constructed or fitted with; learning rates; UPPER_CASE constants. Only literals
that are a number, a string, True, False or None, written as a keyword argument (or the only argument of a seeding call), in code that runs once.
Everything else stays where the author wrote it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ferrata.dataflow.names import slug
from ferrata.records.plan import Change, Parameter
from ferrata.source.edits import LineTable, node_span

_SPLIT = {"train_test_split": "split", "ShuffleSplit": "split", "StratifiedShuffleSplit": "split", "KFold": "folds", "StratifiedKFold": "folds",
          "image_dataset_from_directory": "images", "TimeSeriesSplit": "folds", "GroupShuffleSplit": "split"}
_SPLIT_KEYS = {"test_size", "train_size", "random_state", "shuffle", "n_splits", "validation_split", "seed", "batch_size", "image_size", "color_mode"}
_FIT_KEYS = {"epochs", "batch_size", "validation_split"}
_SEEDS = re.compile(r"(^|\.)(seed|manual_seed|set_seed|set_random_seed|seed_everything|default_rng|RandomState)$")
_OPTIMIZERS = {"Adam", "SGD", "RMSprop", "Adagrad", "AdamW", "Nadam", "Adadelta", "Adamax"}
_ALWAYS_LEFT = {"n_jobs", "verbose", "silent", "verbosity", "warm_start", "copy", "copy_X", "data_format", "name"}
_CONSTANT = re.compile(r"^[A-Z][A-Z0-9_]{2,}$")


def find_parameters(
    statements: Iterable[int], sources: Mapping[int, str], model_names: Mapping[str, str], repeated: Iterable[int] = (), answers: Sequence[str] = ()
) -> tuple[Parameter, ...]:
    """`model_names` maps the class name of each fitted model to the name its section gets; `repeated` are the definitions (for constants).

    `answers` are what the notebook's `input()` calls got, in order: they become parameters too.
    """
    finder = _Finder(dict(model_names))
    statements = tuple(statements)
    finder.answer([index for index in sorted(sources) if "input" in sources[index]], statements, sources, list(answers))
    for index in statements:
        finder.search(index, sources[index])
    for index in repeated:
        finder.search_constant(index, sources[index])
    return tuple(finder.found)


class _Finder:
    def __init__(self, model_names: dict[str, str]) -> None:
        self._models = model_names
        self._taken: dict[tuple[str, str], Any] = {}
        self.found: list[Parameter] = []

    def answer(self, asking: Iterable[int], kept: Sequence[int], sources: Mapping[int, str], answers: list[str]) -> None:
        """`int(input("Clusters: "))` → `int(params["answers"]["clusters"])`; only where a statement asks once for each call that it holds."""
        for index in asking:
            table = LineTable(sources[index])
            for node in _inputs(ast.parse(sources[index])):
                if not answers:
                    return
                prompt = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
                key, value = slug(str(prompt)) or f"answer_{len(self.found) + 1}", answers.pop(0)
                if index in kept:
                    start, end = node_span(table, node)
                    section = self._place("answers", key, value)
                    self._taken[section, key] = value
                    self.found.append(Parameter(section, key, value, Change(index, start, end, f'params["{section}"]["{key}"]')))

    def search(self, index: int, source: str) -> None:
        tree = ast.parse(source)
        if any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)) for node in tree.body):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self._call(index, source, tree, node)

    def search_constant(self, index: int, source: str) -> None:
        node = ast.parse(source).body[0]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _CONSTANT.match(node.targets[0].id) and len(node.targets) == 1:
            if _is_plain(node.value) and isinstance(ast.literal_eval(node.value), (int, float)):
                self._add(index, source, "constants", node.targets[0].id.lower(), node.value)

    def _call(self, index: int, source: str, tree: ast.Module, node: ast.Call) -> None:
        name = _dotted(node.func)
        last = name.rsplit(".", 1)[-1]
        if _SEEDS.search(name) and len(node.args) == 1 and not node.keywords:
            self._add(index, source, "seeds", _seed_key(name), node.args[0])
            return
        section, wanted = self._section(last, node, tree, name)
        for keyword in node.keywords if section else ():
            if keyword.arg and keyword.arg not in _ALWAYS_LEFT and (wanted is None or keyword.arg in wanted):
                self._add(index, source, section, keyword.arg, keyword.value)

    def _section(self, last: str, node: ast.Call, tree: ast.Module, name: str) -> tuple[str, set[str] | None]:
        if last in _SPLIT:
            return _SPLIT[last], _SPLIT_KEYS
        if last in self._models:
            return self._bound(tree, node) or self._models[last], None
        if last in _OPTIMIZERS:
            return "optimizer", {"learning_rate", "lr", "momentum", "weight_decay"}
        if last == "fit" and "." in name:
            return "training", _FIT_KEYS
        return "", None

    @staticmethod
    def _bound(tree: ast.Module, node: ast.Call) -> str:
        statement = tree.body[0]
        if isinstance(statement, ast.Assign) and statement.value is node and isinstance(statement.targets[0], ast.Name):
            return statement.targets[0].id
        return ""

    def _add(self, index: int, source: str, section: str, key: str, node: ast.expr) -> None:
        if not _is_plain(node):
            return
        value = ast.literal_eval(node)
        section = self._place(section, key, value)
        start, end = node_span(LineTable(source), node)
        self._taken[section, key] = value
        self.found.append(Parameter(section, key, value, Change(index, start, end, f'params["{section}"]["{key}"]')))

    def _place(self, section: str, key: str, value: Any) -> str:
        """The section; with a number when this key of it has another value elsewhere. The same value is one parameter."""
        candidate, number = section, 2
        while (candidate, key) in self._taken and repr(self._taken[candidate, key]) != repr(value):
            candidate, number = f"{section}_{number}", number + 1
        return candidate


def _inputs(tree: ast.Module) -> list[ast.Call]:
    """Calls of input() in the order they stand; none where they may run more or less than once."""
    body = tree.body[0] if tree.body else None
    if isinstance(body, (ast.For, ast.While, ast.If, ast.Try, ast.FunctionDef, ast.ClassDef)):
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "input"]
    return sorted(calls, key=lambda node: (node.lineno, node.col_offset))


def _seed_key(name: str) -> str:
    parts = [part for part in name.split(".") if part not in ("random", "utils")]
    library = {"np": "numpy", "tf": "tensorflow"}.get(parts[0], parts[0]) if len(parts) > 1 else "python" if name == "random.seed" else parts[-1]
    return library


def _is_plain(node: ast.expr) -> bool:
    try:
        value: Any = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return False
    return value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and value == value and abs(value) != float("inf"))


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


def sections(parameters: Sequence[Parameter]) -> dict[str, dict[str, Any]]:
    """What params.yaml holds."""
    tree: dict[str, dict[str, Any]] = {}
    for parameter in parameters:
        tree.setdefault(parameter.section, {})[parameter.key] = parameter.value
    return tree
