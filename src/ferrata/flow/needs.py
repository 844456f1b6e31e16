"""Which packages of the lock the service needs: seen while it answers, then tried with all others hidden."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ferrata.errors import OutsideError
from ferrata.programs.service import trial
from ferrata.records.image import Needed
from ferrata.records.project import is_within
from ferrata.records.proof import Level
from ferrata.records.service import ProofRow
from ferrata.records.signature import Signature
from ferrata.steps.imaging.packages import Lock
from ferrata.steps.serving.packages import GROUP
from ferrata.steps.serving.replay import replay
from ferrata.world.daemon import started
from ferrata.world.loopback import free_port, is_ready
from ferrata.world.reporter import Reporter
from ferrata.world.scratch import scratch

_ROWS = 64
_TRIES = 12
_START_SECONDS = 300.0
_SAME = (Level.IDENTICAL, Level.EQUAL)


def needed(project: Path, signature: Signature, rows: Sequence[ProofRow], lock: Lock, reporter: Reporter) -> Needed:
    """Packages that are imported if they are there, and missed by nobody if not, stay out: only what an answer depends on counts.

    OutsideError where the service does not answer with all of them.
    """
    seen, level = _tried(project, signature, rows, None)
    if level not in _SAME:
        what = "The service does not give the notebook's answers"
        raise OutsideError(what, where=str(project), todo="See which, and why: ferrata serve --prove.")
    roots = {*seen["direct"], *lock.group(GROUP)}
    own = ("service", "model", Path(signature["function"]).parent.as_posix())
    reads = tuple(path for path in seen["opened"] if _is_read(path) and not any(is_within(path, folder) for folder in own))
    for _ in range(_TRIES):
        names = lock.closure(roots)
        reporter.detail(f"trying with {len(names)} packages")
        found, level = _tried(project, signature, rows, sorted(names))
        if level in _SAME:
            return Needed(tuple(sorted(names)), reads)
        missed = next((set(owners) for owners in reversed(found["refused"]) if not set(owners) & roots), set())
        if not missed:
            break
        roots |= missed
    return Needed(tuple(sorted(lock.packages)), reads, is_whole=True)


def _tried(project: Path, signature: Signature, rows: Sequence[ProofRow], allowed: Sequence[str] | None) -> tuple[dict[str, Any], Level]:
    """The report of one trial, and how its answers compare; NOT_COMPARABLE where the service did not start."""
    with scratch("ferrata-trial-", away_from=project) as folder:
        report, port = folder / "report.json", free_port()
        settings = {"SERVICE_KEYS": str(folder / "none"), "SERVICE_RATE": "0", "SERVICE_ORIGINS": "", "SERVICE_GROUPING": "off"}
        level = Level.NOT_COMPARABLE
        with started(trial(project, port=port, report=report, allowed=allowed, settings=settings)) as daemon:
            try:
                daemon.wait_until(lambda: is_ready("127.0.0.1", port), seconds=_START_SECONDS)
                bound = signature["proof"].get("bound")
                level = replay(rows[:_ROWS], "127.0.0.1", port, signature["inputs"][0]["name"], bound=bound).level if rows else Level.IDENTICAL
            except OutsideError:
                if allowed is None:
                    raise
        return json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {"direct": [], "opened": [], "refused": []}, level


def _is_read(path: str) -> bool:
    """Opened, and no part of an environment, of what is compiled, or of the data that proves."""
    is_ours = path.startswith((".venv/", ".git/", ".dvc/", "data/raw/")) or "__pycache__" in path
    return not is_ours and not path.endswith((".pyc", ".jsonl", ".lock", ".dvc"))
