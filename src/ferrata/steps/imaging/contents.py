"""What goes into an image, and what identifies it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import ProjectError
from ferrata.programs import git
from ferrata.programs.service import identity as asked_identity
from ferrata.records.image import Identity
from ferrata.records.project import is_within
from ferrata.records.signature import Signature
from ferrata.world import process

EVIDENCE_OF_SERVICE = "evidence/serve.json"
_OURS = ("Dockerfile", ".dockerignore")
_LEFT_OUT = re.compile(r"(^|/)__pycache__(/|$)|\.pyc$|(^|/)\.gitignore$|^service/keys\.json")


def folders(project: Path, signature: Signature, reads: Sequence[str]) -> tuple[str, ...]:
    """Files and folders of the project that the service is made of, what changes most often last."""
    source = Path(signature["function"]).parent.as_posix()
    tracked = sorted(path.relative_to(project).as_posix() for path in project.glob("data/**/*.dvc"))
    evidence = [EVIDENCE_OF_SERVICE] if (project / EVIDENCE_OF_SERVICE).is_file() else []
    fixed = [*tracked, "uv.lock", "service", source, *evidence]
    more = [path for path in reads if not any(is_within(path, folder) for folder in (*fixed, "model"))]
    return (*sorted(more), *fixed, "model")


def is_left_out(path: str, *, is_with_rows: bool) -> bool:
    return bool(_LEFT_OUT.search(path)) or (not is_with_rows and is_within(path, "model") and path.endswith(".jsonl"))


def identity(project: Path, signature: Signature, paths: Sequence[str]) -> Identity:
    """ProjectError where there is no commit: an image says which one it is made from."""
    outcome = process.run(git.rev_parse(project))
    if outcome.status != 0:
        todo = "Commit the project: git add --all && git commit."
        raise ProjectError("There is no commit that an image could be made from", where=str(project), todo=todo)
    parts = json.loads(process.run(asked_identity(project), check=True).output)
    seconds = int(process.run(git.commit_time(project), check=True).output.strip() or 0)
    changed = tuple(path for path in _changed(project) if path in _OURS or any(is_within(path, each) for each in paths))
    return Identity(signature["name"], outcome.output.strip(), seconds, changed, digest_of(parts["data"]), parts["model"], parts["lock"], parts)


def digest_of(data: dict[str, Any]) -> str:
    """One hash for the hashes of all data files."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _changed(project: Path) -> list[str]:
    """Paths, relative to the project, that are not as the last commit has them."""
    top = Path(process.run(git.top(project), check=True).output.strip())
    entries = iter(process.run(git.status(project), check=True).output.split("\0"))
    found = []
    for entry in entries:
        if entry:
            if entry[0] in "RC":
                next(entries, "")
            found.append(os.path.relpath(top / entry[3:], project.resolve()).replace(os.sep, "/"))
    return [path for path in found if not path.startswith("..")]
