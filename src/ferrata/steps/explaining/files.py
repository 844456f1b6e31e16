"""Which files of a side are code, which parameters, and which data."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ferrata.errors import FerrataError
from ferrata.records.project import is_within, results_of
from ferrata.store.pipelines.pipeline import read_pipeline

CODE = (".py", ".sh", ".bash", ".sql", ".r", ".jl", ".pl", ".js", ".awk", ".c", ".cpp", ".pyx", ".stan")
_NOT_READ = (".git/", ".dvc/", ".ferrata/", ".venv/", "evidence/", "tests/", "docs/", "service/", ".github/", ".gitlab/")
_NO_DATA = (".md", ".rst", ".ipynb", ".dvc", ".lock", ".html")
_OF_TOOLS = frozenset({
    "dvc.yaml", "dvc.lock", "uv.lock", "pyproject.toml", ".python-version", ".gitignore", ".dvcignore", ".gitattributes", "Makefile", "LICENSE", "Dockerfile",
    "requirements.txt", ".dockerignore", ".gitlab-ci.yml", ".pre-commit-config.yaml",
})  # fmt: skip


@dataclass(frozen=True)
class Files:
    """Paths relative to the folder of a side."""

    code: frozenset[str]
    params: frozenset[str]
    data: frozenset[str]


@functools.lru_cache(maxsize=16)
def files_of(tree: Path) -> Files:
    """What stages write is none of them. Without a pipeline that can be read everything that is no code is data."""
    try:
        stages = read_pipeline(tree)
    except FerrataError:
        stages = ()
    params = {stage.place(file.path) for stage in stages for file in stage.sources}
    made = results_of(stages)
    found = [path for path in sorted(_walk(tree)) if not any(is_within(path, place) for place in made)]
    code = {path for path in found if path.lower().endswith(CODE)}
    data = {path for path in found if path not in code | params and _is_data(path)}
    return Files(frozenset(code), frozenset(params & set(found)), frozenset(data))


def _walk(tree: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(tree):
        relative = os.path.relpath(folder, tree)
        prefix = "" if relative == "." else f"{relative}/"
        folders[:] = [name for name in folders if not f"{prefix}{name}/".startswith(_NOT_READ) and name != "__pycache__"]
        yield from (f"{prefix}{name}" for name in names)


def _is_data(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name not in _OF_TOOLS and not name.lower().endswith(_NO_DATA) and not (name.startswith(".") and "/" not in path)


def matters(path: str) -> bool:
    """Whether a run could read it: code, data, or what the pipeline is made of."""
    return not path.startswith(_NOT_READ) and (path.lower().endswith((*CODE, ".yaml", ".yml", ".toml")) or _is_data(path))


def md5_of(path: Path) -> str:
    hasher = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
