"""Traces of this machine in what is committed: absolute paths, and packages that lie beside the lock."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ferrata.programs import git, python
from ferrata.records.project import Stage
from ferrata.records.verification import Obstacle
from ferrata.steps.verifying.copy import Copy, variables_for, with_variables
from ferrata.world import process

_MOST = 20
_LARGEST = 1 << 20
_TEXTS = (".py", ".yaml", ".yml", ".toml", ".json", ".cfg", ".ini", ".sh")
_LEFT_OUT = ("notebooks/", "evidence/", ".ferrata/", "tests/", "docs/", "uv.lock", "dvc.lock")
_HOMES = r"(?:/home/|/Users/|/root/|/mnt/|/media/|/content/|/kaggle/|/Volumes/|~/|[A-Za-z]:\\|[A-Za-z]:/(?!/))"
_WRITTEN = re.compile(rf"""(?:^|[\s"'=:,\[(])({_HOMES}[^\s"'`,;)\]}}]+)""")
_PATH = re.compile(rf"^{_HOMES}\S")
_OF_THE_SYSTEM = frozenset("bin boot dev etc lib lib64 proc run sbin srv sys tmp usr var opt".split())


def absolute_paths(copy: Copy, author: Path | None) -> list[Obstacle]:
    """Written out in code and settings; `author` is the folder that was cloned."""
    found = [(path, line, text) for path in _committed(copy) for line, text in _paths_in(copy.project / path, author)]
    todo = "Write it relative to the project, and track what it names: ferrata data add PATH."
    told = [Obstacle("absolute-path", f"A path of one machine is written out: {text[:120]}", f"{path}, line {line}", todo, False) for path, line, text in found]
    return told[:_MOST]


def _committed(copy: Copy) -> Iterator[str]:
    for path in process.run(git.listed(copy.project)).output.split("\0"):
        is_wanted = path.endswith(_TEXTS) or path == ".dvc/config"
        if is_wanted and not path.startswith(_LEFT_OUT) and (copy.project / path).is_file() and (copy.project / path).stat().st_size < _LARGEST:
            yield path


def _paths_in(file: Path, author: Path | None) -> Iterator[tuple[int, str]]:
    text = file.read_text(encoding="utf-8", errors="replace")
    tree = _parsed(text) if file.suffix == ".py" else None
    if tree is not None:
        yield from ((node.lineno, node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
                    and "\n" not in node.value and _is_of_a_machine(node.value, author))  # fmt: skip
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("#"):
            yield from ((number, match[1]) for match in _WRITTEN.finditer(line))


def _is_of_a_machine(text: str, author: Path | None) -> bool:
    if _PATH.match(text) or (author is not None and text.startswith(f"{author}/")):
        return True
    parts = text.split("/")
    return text.startswith("/") and len(parts) > 2 and parts[1] not in _OF_THE_SYSTEM and len(text) < 4096 and _exists(text)


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def foreign_sources(copy: Copy) -> list[Obstacle]:
    """Packages that the lock takes from a folder outside of the project."""
    try:
        lock = tomllib.loads((copy.project / "uv.lock").read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, OSError):
        return []
    found: dict[str, list[str]] = {}
    for package in lock.get("package") or ():
        if place := _folder_of(package.get("source") or {}):
            found.setdefault(place, []).append(str(package.get("name")))
    todo = "Take it from an index or a Git repository: uv add NAME, uv add git+URL."
    return [Obstacle("local-package", f"uv.lock takes {', '.join(names[:5])} from {place}, a folder of one machine", "uv.lock", todo, False)
            for place, names in found.items()]  # fmt: skip


def _folder_of(source: dict[str, str]) -> str:
    """A registry that is a folder of wheels, or a package that lies outside of the project."""
    for kind in ("registry", "path", "directory", "editable"):
        place = str(source.get(kind, ""))
        if place and "://" not in place.removeprefix("file://") and (place.startswith(("/", "..", "file://")) or kind == "registry"):
            return place
    return ""


def unlocked_packages(copy: Copy, stages: Iterable[Stage]) -> list[Obstacle]:
    """Modules that the committed code imports and the new environment does not have; asked of that environment itself."""
    code = [path for path in _committed(copy) if path.endswith(".py")]
    local = {part for path in code for part in (Path(path).stem, *Path(path).parent.parts)}
    wanted: dict[str, tuple[str, int]] = {}
    for path in code:
        for module, line in _imports(copy.project / path):
            if module not in local and module not in sys.stdlib_module_names:
                wanted.setdefault(module, (path, line))
    stage = next(iter(stages), None)
    if not wanted or stage is None:
        return []
    command = with_variables(python.missing_modules(copy.python, wanted), variables_for(copy, stage, {}))
    missing = process.run(command).output.split()
    return [_unlocked(module, *wanted[module]) for module in missing if module in wanted]


def _unlocked(module: str, path: str, line: int) -> Obstacle:
    todo = f"Add the distribution that brings it: uv add {module}; then commit pyproject.toml and uv.lock."
    return Obstacle("package", f"{module} is imported, and is not in uv.lock", f"{path}, line {line}", todo, False)


def _imports(file: Path) -> Iterator[tuple[str, int]]:
    """First names of absolute imports; what stands in a `try` may be absent."""
    tree = _parsed(file.read_text(encoding="utf-8", errors="replace"))
    if tree is None:
        return
    tried = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Try) for part in node.body for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and id(node) not in tried:
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level and id(node) not in tried:
            yield node.module.partition(".")[0], node.lineno
