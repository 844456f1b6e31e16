"""Files of parameters: YAML, JSON and TOML, and the values of dotted keys in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import ParamsFile, Stage
from ferrata.store.parsed import load_known

# Gives the text of a file; a dry run puts another text in its place.
ReadText = Callable[[Path], str]
DEFAULT_PARAMS = "params.yaml"
MISSING = object()


def read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def read_params(folder: Path) -> dict[str, Any]:
    path = folder / "params.yaml"
    return dict(read_values(path)) if path.exists() else {}


def read_values(path: Path, read: ReadText = read_text) -> Mapping[str, Any]:
    """The mapping in a file, by its suffix; what is neither JSON nor TOML is YAML. ProjectError when it is not there or no mapping."""
    if path.suffix.lower() == ".py":
        todo = f"Move its values to {path.with_suffix('.yaml').name}, and name that file in dvc.yaml."
        raise ProjectError("Parameters in a Python file are not supported", where=str(path), todo=todo)
    try:
        text = read(path)
    except (FileNotFoundError, IsADirectoryError) as error:
        todo = "Restore the file, or take it out of dvc.yaml."
        raise ProjectError(f"The file of parameters {path.name} does not exist", where=str(path), todo=todo) from error
    try:
        values = _parse(path, text)
    except ValueError as error:
        raise ProjectError(f"{path.name} cannot be read: {error}", where=str(path), todo="Correct the file.") from error
    if not isinstance(values, Mapping):
        raise ProjectError(f"{path.name} is no mapping of names to values", where=str(path), todo="Correct the file.")
    return values


def _parse(path: Path, text: str) -> Any:
    suffix = path.suffix.lower()
    if suffix == ".json":
        return json.loads(text)
    if suffix == ".toml":
        import tomllib

        return tomllib.loads(text)
    return load_known(path, text) or {}


def select_params(values: Mapping[str, Any], keys: Iterable[str], *, where: str = "params.yaml") -> dict[str, Any]:
    """The values of dotted keys, sorted by key; ProjectError names every key that is missing."""
    found = find_params(values, keys)
    missing = sorted(set(keys) - set(found))
    if missing:
        todo = f"Add {', '.join(missing)} to {where}."
        raise ProjectError(f"No value for {', '.join(missing)}", where=where, todo=todo)
    return found


def find_params(values: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """The values of the dotted keys that are there, sorted by key."""
    found = {key: look_up(values, key) for key in sorted(keys)}
    return {key: value for key, value in found.items() if value is not MISSING}


def look_up(values: Any, key: str) -> Any:
    """The value of a dotted key, whose parts are names or places in a list; MISSING when it is not there."""
    for part in key.lstrip(".").split("."):
        if isinstance(values, Mapping):
            values = next((value for name, value in values.items() if str(name) == part), MISSING)
        elif isinstance(values, list) and part.isdecimal() and int(part) < len(values):
            values = values[int(part)]
        else:
            return MISSING
    return values


def stage_params(
    project: Path, stage: Stage, *, read: ReadText = read_text, is_lenient: bool = False
) -> dict[str, dict[str, Any]]:
    """{file as the stage names it: {key: value}}; with `is_lenient` what is missing is left out, else it is a ProjectError."""
    return {file.path: _file_params(project, stage, file, read, is_lenient) for file in stage.sources}


def _file_params(project: Path, stage: Stage, file: ParamsFile, read: ReadText, is_lenient: bool) -> dict[str, Any]:
    try:
        values = read_values(project / stage.place(file.path), read)
    except ProjectError:
        if is_lenient and not (project / stage.place(file.path)).exists():
            return {}
        raise
    if not file.keys:
        return {str(key): values[key] for key in sorted(values, key=str)}
    return find_params(values, file.keys) if is_lenient else select_params(values, file.keys, where=stage.place(file.path))
