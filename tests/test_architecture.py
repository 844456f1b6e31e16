"""The map is the territory: docs/architecture.md names what is there, and the code keeps to its shape."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ferrata"
MAP = ROOT / "docs" / "architecture.md"
LONGEST_FILE = 400


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def packages() -> dict[str, set[str]]:
    """{package as the map writes it: its own modules}."""
    found = {}
    for init in SOURCE.rglob("__init__.py"):
        name = "ferrata/" if init.parent == SOURCE else init.parent.relative_to(SOURCE).as_posix() + "/"
        found[name] = {module.stem for module in init.parent.glob("*.py")} - {"__init__"}
    return found


def rows() -> dict[str, str]:
    """{package: what the map's last column says about its modules}."""
    return dict(re.findall(r"^\| `([\w/]+/)` \| [^|]+\|(.*)\|$", MAP.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_map_has_every_package_and_no_other() -> None:
    assert set(rows()) == set(packages())


@pytest.mark.parametrize("package", sorted(packages()))
def test_the_map_names_a_package_s_modules(package: str) -> None:
    """A package whose row names none is a seam or a step: its own `__init__` tells."""
    named = set(re.findall(r"`(\w+)`", rows().get(package, "")))
    if named:
        assert named == packages()[package], f"docs/architecture.md, row {package}: name " + " ".join(f"`{name}`" for name in sorted(packages()[package]))
    else:
        assert package.startswith(("steps/", "observer/")), "only steps and the observer may leave their modules to themselves"


def names(paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(SOURCE).as_posix() for path in paths]


def test_every_module_says_what_it_is() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in modules()}
    assert names(path for path, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))) == []


def test_no_file_swallows_the_product() -> None:
    assert names(path for path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE) == []


def imports(module: Path, *, only_at_start: bool = False) -> set[str]:
    """The first names of what a module imports absolutely; at its start, only what is imported outside functions and `if TYPE_CHECKING`."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    nodes = tree.body if only_at_start else list(ast.walk(tree))
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}
    return {name.partition(".")[0] for name in found}


OBSERVER = [path for path in modules() if path.is_relative_to(SOURCE / "observer")]


def test_the_observer_needs_nothing_but_python() -> None:
    allowed = {*sys.stdlib_module_names, "__future__"}
    assert names(path for path in OBSERVER if imports(path, only_at_start=True) - allowed or "ferrata" in imports(path)) == []


def test_the_observer_is_python_3_8() -> None:
    for module in OBSERVER:
        ast.parse(module.read_text(encoding="utf-8"), filename=str(module), feature_version=(3, 8))


def test_nobody_imports_the_observer() -> None:
    assert names(path for path in modules() if path not in OBSERVER and _imports_observer(path)) == []


def _imports_observer(module: Path) -> bool:
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    imported = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return any(name.startswith("ferrata.observer") for name in imported)


HEAVY = {"IPython", "libcst", "nbformat", "numpy", "pandas", "rich", "scipy", "uv"}
# Functions on arrays need arrays: who wants one imports it where it is used.
ON_ARRAYS = {path for path in (SOURCE / "statistics").glob("*.py") if path.stem != "compare"}


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    ours = [path for path in modules() if path not in OBSERVER and "templates" not in path.parts]
    assert names(path for path in ours if path not in ON_ARRAYS and imports(path, only_at_start=True) & HEAVY) == []


def test_functions_on_arrays_are_imported_where_they_are_used() -> None:
    heavy = {f"ferrata.statistics.{path.stem}" for path in ON_ARRAYS if path.stem != "__init__"}
    for module in modules():
        if module not in ON_ARRAYS:
            nodes = ast.parse(module.read_text(encoding="utf-8")).body
            assert not {node.module for node in nodes if isinstance(node, ast.ImportFrom)} & heavy, module


FORBIDDEN_NAMES = {"utils", "helpers", "manager", "common", "util", "misc"}


def test_no_module_is_named_for_nothing() -> None:
    assert [path for path in modules() if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES] == []
