"""The text of a project's `artifacts.py`: how its stages save and load what they hand to each other.

The functions are those of `ferrata.observer.formats`, read as text: the project gets plain code and needs nothing of ours.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ferrata.errors import ProjectError

_FOLDER = Path(__file__).resolve().parent.parent / "observer" / "formats"
_LINE = 88
# Slow to import: they stay inside the functions, so that a stage waits only for what it uses.
_SLOW = frozenset({"catboost", "keras", "lightgbm", "skops", "tensorflow", "torch", "xgboost"})
# They build only what is named.
_TRUSTING = frozenset({"own", "skops"})

_HEAD = '''"""Save and load what the stages hand to each other; the suffix of a path names the format."""

'''

_DOOR = (
    '''def save(value, path):
    """Write `value` to `path`; missing folders are made."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    SAVE[path.suffix](value, path)
''',
    '''def load(path):
    """Read what `save` wrote."""
    path = Path(path)
    return LOAD[path.suffix](path)
''',
)


@dataclass(frozen=True)
class _Format:
    """A format's file as text: its functions by name and the names in `parts`."""

    name: str
    suffix: str
    functions: dict[str, str]
    imports: frozenset[str]


def artifacts_source(formats: Iterable[str], trusted: Sequence[str] = ()) -> str:
    """The module that saves and loads these formats (names of `ferrata.observer.formats`).

    `trusted` are the types, beyond those that skops knows, that may be built when a model is read, and the author's functions
    that it holds. ProjectError for an unknown name.
    """
    chosen = [_read_format(name) for name in _without_doubles(formats)]
    functions = {name: text for format in chosen for name, text in format.functions.items()}
    imports = sorted({"from pathlib import Path"}.union(*(format.imports for format in chosen)), key=_import_order)
    tables = "\n".join(_table(verb, chosen) for verb in ("save", "load"))
    constants = _trusted_text(trusted) if any(format.name in _TRUSTING for format in chosen) else ""
    return "\n\n".join([_HEAD + _grouped(imports) + constants, *_DOOR, *functions.values(), tables])


def suffixes() -> dict[str, str]:
    """Every format's name and its suffix, in the order in which they are tried."""
    return {name: _read_format(name).suffix for name in _names()}


def _names() -> list[str]:
    tree = ast.parse((_FOLDER / "__init__.py").read_text(encoding="utf-8"))
    (listing,) = (node.value for node in tree.body if isinstance(node, ast.Assign) and _target(node) == "FORMATS")
    assert isinstance(listing, ast.Tuple)
    return [item.id.rstrip("_") for item in listing.elts if isinstance(item, ast.Name)]


def _without_doubles(formats: Iterable[str]) -> list[str]:
    """In the order of the formats' list; Parquet with notes reads and writes plain Parquet too."""
    wanted = set(formats)
    unknown = sorted(wanted - set(_names()))
    if unknown:
        raise ProjectError(f"There is no format {', '.join(unknown)}", todo=f"Choose among {', '.join(_names())}.")
    if "parquet_noted" in wanted:
        wanted.discard("parquet")
    return [name for name in _names() if name in wanted]


def _read_format(name: str) -> _Format:
    path = next(path for path in (_FOLDER / f"{name}.py", _FOLDER / f"{name}_.py") if path.exists())
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    constants = {_target(node): node.value for node in tree.body if isinstance(node, ast.Assign)}
    suffix = str(ast.literal_eval(constants["suffix"]))
    parts = constants.get("parts")
    names = [item.id for item in parts.elts if isinstance(item, ast.Name)] if isinstance(parts, ast.Tuple) else []
    key = suffix.lstrip(".") if name == "parquet_noted" else name
    functions, imports = _functions(
        text + _imported_text(tree), {"save": f"save_{key}", "load": f"load_{key}", **{part: part for part in names}}
    )
    return _Format(name, suffix, functions, imports)


def _imported_text(tree: ast.Module) -> str:
    """The text of the modules beside it that a format takes functions from."""
    modules = [node.module for node in tree.body if isinstance(node, ast.ImportFrom) and node.level == 1]
    return "".join("\n\n" + (_FOLDER / f"{module}.py").read_text(encoding="utf-8") for module in modules)


def _functions(text: str, names: dict[str, str]) -> tuple[dict[str, str], frozenset[str]]:
    """The wanted functions under their new names, without their imports, and these imports."""
    found, imports = {}, set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name in names and names[node.name] not in found:
            source, needed = _hoisted(text, node)
            found[names[node.name]] = source.replace(f"def {node.name}(", f"def {names[node.name]}(", 1)
            imports |= needed
    order = [*(new for old, new in names.items() if old not in ("save", "load")), names["save"], names["load"]]
    return {name: found[name] for name in order}, frozenset(imports)


def _hoisted(text: str, function: ast.FunctionDef) -> tuple[str, set[str]]:
    """A function's source without the imports at its top level, and these imports."""
    lines = text.splitlines()
    inner = [
        node
        for node in function.body
        if isinstance(node, ast.Import | ast.ImportFrom) and _module(ast.unparse(node)) not in _SLOW
    ]
    dropped = {number for node in inner for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    kept = [
        lines[number - 1] for number in range(function.lineno, (function.end_lineno or 0) + 1) if number not in dropped
    ]
    docstring_end = (function.body[0].end_lineno or 0) - function.lineno + 1 if ast.get_docstring(function) else 1
    body = kept[docstring_end:]
    while body and not body[0].strip():
        body.pop(0)
    return "\n".join(kept[:docstring_end] + _squeezed(body)) + "\n", {ast.unparse(node) for node in inner}


def _squeezed(lines: list[str]) -> list[str]:
    """Without the second of two empty lines in a row, which an import may have left."""
    return [line for number, line in enumerate(lines) if line.strip() or (number and lines[number - 1].strip())]


def _target(node: ast.Assign) -> str:
    return node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""


def _import_order(statement: str) -> tuple[bool, bool, str]:
    return not _is_standard(_module(statement)), statement.startswith("from"), statement


def _module(statement: str) -> str:
    return statement.split()[1].split(".")[0]


def _is_standard(module: str) -> bool:
    import sys

    return module in sys.stdlib_module_names


def _grouped(imports: list[str]) -> str:
    standard = [line for line in imports if _is_standard(_module(line))]
    others = [line for line in imports if line not in standard]
    return "\n\n".join("\n".join(group) for group in (standard, others) if group) + "\n"


def _trusted_text(trusted: Sequence[str]) -> str:
    """As a formatter leaves it: on one line where it fits."""
    items = [json.dumps(name) for name in sorted(set(trusted))]
    line = f"TRUSTED = [{', '.join(items)}]"
    if len(line) > _LINE:
        line = "TRUSTED = [\n" + "".join(f"    {item},\n" for item in items) + "]"
    return f"\n# Classes and functions that may be used when a model is read, besides those that skops knows.\n{line}\n"


def _table(verb: str, formats: Sequence[_Format]) -> str:
    rows = [
        f'    "{format.suffix}": {name},\n'
        for format in formats
        for name in format.functions
        if name.startswith(f"{verb}_")
    ]
    return f"{verb.upper()} = {{\n{''.join(rows)}}}\n"
