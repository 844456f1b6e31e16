"""Environment variables that a stage's results depend on: `meta: {env: [NAME]}` in `dvc.yaml`, remembered in `.ferrata/environment.json`.

`dvc.lock` has no place for them. The file holds a digest of each value, never the value, and is bound to the stage's entry of `dvc.lock`:
when that entry is another one, nobody knows with which values it was made.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.records.project import Stage
from ferrata.records.run import Change

FILE = Path(".ferrata") / "environment.json"


def changed_variables(project: Path, stage: Stage, locked: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Change, ...]:
    if not stage.variables:
        return ()
    recorded = read_variables(project).get(stage.name, {})
    known = recorded.get("variables", {}) if recorded.get("lock") == entry_digest(locked) else {}
    now = values_digests(stage, environ)
    return tuple(
        Change("variable" if name in known else "unrecorded", name) for name in stage.variables if name not in known or known[name] != now[name]
    )


def values_digests(stage: Stage, environ: Mapping[str, str]) -> dict[str, str | None]:
    return {name: _digest(environ[name]) if name in environ else None for name in stage.variables}


def entry_digest(entry: Mapping[str, Any]) -> str:
    return _digest(json.dumps(entry, sort_keys=True, default=str))


def read_variables(project: Path) -> dict[str, Any]:
    path = project / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return dict(content["stages"])
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        todo = "Restore it from Git, or delete it: the stages with variables run again."
        raise ProjectError(f"{FILE} is damaged", where=str(path), todo=todo) from error


def write_variables(project: Path, stage: Stage, entry: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Remember with which values an entry of `dvc.lock` is made, in one step."""
    if not stage.variables:
        return
    stages = read_variables(project) | {stage.name: {"lock": entry_digest(entry), "variables": values_digests(stage, environ)}}
    path = project / FILE
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"stages": dict(sorted(stages.items()))}, indent=2) + "\n", encoding="utf-8")
    os.replace(draft, path)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
