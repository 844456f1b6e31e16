"""The files of `service/`, as they go into a project: the templates, unchanged, since they read everything from the signature when they run."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

FOLDER = "service"
_NAMES = {"gitignore.txt": ".gitignore"}


def service_files() -> dict[str, str]:
    """{path in the project: content}"""
    folder = files("ferrata.steps.serving") / "templates" / FOLDER
    names = sorted(item.name for item in folder.iterdir() if item.is_file() and not item.name.endswith(".pyc"))
    return {f"{FOLDER}/{_NAMES.get(name, name)}": (folder / name).read_text(encoding="utf-8") for name in names}


def changed_files(project: Path) -> dict[str, str]:
    """Those that the project does not have in this form."""
    return {path: text for path, text in service_files().items() if not _has(project / path, text)}


def _has(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False
