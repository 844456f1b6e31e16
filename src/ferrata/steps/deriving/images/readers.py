"""Which calls open the file of an image: those of the libraries, and the author's own functions that are given a path."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# The last part of a function's name, of OpenCV, scikit-image, matplotlib, imageio, keras, TensorFlow and torchvision.
_NAMES = frozenset({"imread", "imread_v2", "load_img", "read_file", "read_image", "decode_image_file", "default_loader", "pil_loader"})
_PATHS = ("filename", "path", "fname", "uri", "fp", "filepath", "file", "input")
LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass
class Readers:
    """`opened`: names of PIL's module Image; `functions`: the author's functions that open the file they are given, with the number of that parameter."""

    opened: set[str] = field(default_factory=lambda: {"Image", "PIL.Image"})
    functions: dict[str, int] = field(default_factory=dict)

    def path_of(self, node: ast.AST) -> ast.expr | None:
        """The argument that names the file, where the call opens an image."""
        if not isinstance(node, ast.Call):
            return None
        name = ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else ""
        if isinstance(node.func, ast.Call) and ast.unparse(node.func.func).endswith("delayed") and node.func.args:
            name = ast.unparse(node.func.args[0])  # joblib's delayed(function)(path)
        if name in self.functions:
            return _argument(node, self.functions[name])
        owner, _, last = name.rpartition(".")
        is_reader = last in _NAMES or (last == "open" and owner in self.opened)
        return _argument(node, 0) if is_reader else None

    def takes_path(self, node: ast.expr) -> bool:
        """Whether this is a function that opens the file it is given: one of the author's by its name, or a lambda."""
        if isinstance(node, ast.Lambda):
            return any(self.path_of(each) is not None for each in ast.walk(node.body))
        name = ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        owner, _, last = name.rpartition(".")
        return self.functions.get(name) == 0 or last in _NAMES or (last == "open" and owner in self.opened)


def _argument(node: ast.Call, number: int) -> ast.expr | None:
    if len(node.args) > number and not isinstance(node.args[number], ast.Starred):
        return node.args[number]
    return next((keyword.value for keyword in node.keywords if keyword.arg in _PATHS), None)


def find_readers(sources: Mapping[int, str], order: Iterable[int]) -> Readers:
    """Of the author's functions those count that open a file once, not in a loop of their own; functions of such functions too."""
    found = Readers()
    trees = [ast.parse(sources[index]) for index in order]
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "PIL"):
        found.opened |= {alias.asname or alias.name for alias in node.names if alias.name == "Image"}
    functions = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    before = -1
    while before != len(found.functions):
        before = len(found.functions)
        for function in functions:
            number = _path_parameter(found, function)
            if number is not None and function.name not in found.functions:
                found.functions[function.name] = number
    return found


def _path_parameter(readers: Readers, function: ast.FunctionDef) -> int | None:
    """The number of the parameter that names the file."""
    names = [argument.arg for argument in function.args.args]
    for node in _outside_loops(function):
        path = readers.path_of(node)
        if path is not None:
            used = _names_behind(function, path)
            numbers = [number for number, name in enumerate(names) if name in used]
            return numbers[-1] if numbers else None  # of a folder and a name, the name
    return None


def _outside_loops(function: ast.FunctionDef) -> Iterable[ast.AST]:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, (*LOOPS, *FUNCTIONS)):
            waiting += ast.iter_child_nodes(node)


def _names_behind(function: ast.FunctionDef, path: ast.expr) -> set[str]:
    """The names in an expression, and in what they were assigned."""
    names = {node.id for node in ast.walk(path) if isinstance(node, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id in names for target in node.targets):
            names |= {each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)}
    return names
