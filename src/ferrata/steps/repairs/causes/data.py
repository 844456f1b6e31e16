"""Causes in the data: missing, damaged, or not what the code expects."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ferrata.source.statements import parse
from ferrata.steps.repairs.causes.scene import Answer, Scene

_HEAD = 1_000_000
_FOREIGN = {
    r"^[A-Za-z]:[\\/]": "a Windows path of another machine",
    r"^/kaggle/": "a path of Kaggle",
    r"^(?:/content/|/gdrive|drive/)": "a path of Colab",
    r"^/(?:Users|home)/": "a path of another machine",
}


def missing_file(scene: Scene) -> Answer | None:
    if scene.type not in ("FileNotFoundError", "NotADirectoryError", "FileNotFound", "NotFoundError", "OSError", "UnidentifiedImageError"):
        return None
    name = _file(scene)
    if not name or (scene.type == "OSError" and "not found" not in scene.message.lower() and "No such file" not in scene.message):
        return None
    kind = next((what for pattern, what in _FOREIGN.items() if re.search(pattern, name)), "")
    base = re.split(r"[\\/]", name.rstrip("\\/"))[-1]
    origin = f" ({kind})" if kind else ""
    return (
        f"{scene.place} reads {name}{origin}, and there is no such file",
        f"Put {base} beside the notebook, or say where it is with --data.",
    )


def _file(scene: Scene) -> str:
    if scene.filename:
        return scene.filename
    found = re.search(
        r"No such file or directory: b?['\"]([^'\"]+)['\"]|['\"]([^'\"]+\.\w{1,5})['\"]|(?:File|file) (\S+) (?:does not exist|not found)",
        scene.message,
    )
    return next((part for part in found.groups() if part), "") if found else ""


def damaged(scene: Scene) -> Answer | None:
    """Files beside the notebook that hold something else than their name says: Git's conflict marks, the pointer of Git LFS, a web page."""
    if scene.type in ("ModuleNotFoundError", "ImportError", "NameError", "SyntaxError", "FileNotFoundError"):
        return None
    for file in _files_read_so_far(scene):
        what = _damage(file)
        if what:
            return f"{scene.place} works on {file.name}, which {what[0]} ({scene.type}: {scene.first_line})", what[1].format(file=file.name)
    return None


def _damage(file: Path) -> tuple[str, str] | None:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return None
    if head.startswith(b"version https://git-lfs"):
        return "is only a pointer of Git LFS, not the data", "`git lfs pull` gets {file}."
    if not head.strip():
        return "is empty", "Get {file} again from where it came from."
    if file.suffix.lower() in (".csv", ".tsv", ".txt", ".json") and re.search(rb"^(<<<<<<< |>>>>>>> )", head, re.MULTILINE):
        return "holds the marks of a Git merge conflict", "Resolve the conflict in {file} (the lines <<<<<<<, =======, >>>>>>>)."
    if file.suffix.lower() in (".csv", ".tsv", ".xlsx", ".xls", ".zip", ".json") and re.match(rb"\s*<(!DOCTYPE|html)", head, re.IGNORECASE):
        return "is a web page, not the data", "Download {file} again, from the link to the raw file."
    return None


def _files_read_so_far(scene: Scene) -> Iterator[Path]:
    """Files beside the notebook that statements up to the failing one name."""
    folder = scene.notebook.path.parent
    for statement in scene.notebook.statements:
        if statement.index > scene.failure.index:
            return
        for name in _texts(statement.source):
            path = folder / re.split(r"[\\/]", name)[-1]
            for candidate in (folder / name if not re.match(r"[A-Za-z]:|/", name) else path, path):
                if candidate.is_file():
                    yield candidate
                    break


def _texts(source: str) -> Iterator[str]:
    try:
        tree = parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\.\w{2,7}$", node.value)
            and len(node.value) < 300
        ):
            yield node.value


def not_readable(scene: Scene) -> Answer | None:
    name = _file(scene)
    subject = f" {Path(name).name}" if name else " its file"
    if scene.type == "UnicodeDecodeError":
        return f"{scene.place} reads{subject} as UTF-8, and it is in another encoding", 'Give the encoding, for example encoding="latin-1".'
    if scene.type in ("ParserError", "EmptyDataError", "BadZipFile", "XLRDError", "JSONDecodeError", "UnpicklingError", "ArrowInvalid"):
        return (
            f"{scene.place} cannot make sense of{subject}: {scene.first_line or scene.type}",
            "Check the file, its separator and its header.",
        )
    if scene.type == "PermissionError":
        return f"{scene.place} may not open{subject}", "Check the file's permissions."
    return None


def missing_column(scene: Scene) -> Answer | None:
    if scene.type != "KeyError":
        return None
    names = re.findall(r"'([^']+)'", scene.message) or [scene.message.strip().strip("\"'")]
    several = len(names) > 1 or "not in index" in scene.message or "not found in axis" in scene.message
    listed = ", ".join(f"`{name}`" for name in names[:5])
    return (
        f"{scene.place} asks for the column{'s' if several and len(names) > 1 else ''} or key {listed}, which {'are' if len(names) > 1 else 'is'} not there",
        "Check that the data is the notebook's own and that no earlier cell already dropped or renamed it.",
    )


def missing_values(scene: Scene) -> Answer | None:
    if not scene.search(
        r"Input \w+ contains NaN|contains NaN, infinity|Input contains NaN|array must not contain infs or NaNs|exog contains inf or nans"
    ):
        return None
    return (
        f"{scene.place} gives a model a table with missing values, which it refuses",
        'Check the cells that fill them: under pandas 3.0 `df["x"].fillna(v, inplace=True)` changes a copy; write `df["x"] = df["x"].fillna(v)`.',
    )
