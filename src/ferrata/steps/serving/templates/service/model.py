"""The model of this project behind one function, and what identifies it."""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import math
import os
import re
import subprocess
import sys
import time
import traceback
from pathlib import Path

from .contract import Contract, read_signature, shown
from .problems import Problem, invalid
from .settings import ROOT

log = logging.getLogger("service")
# What stands in the model's folder and does not change an answer.
_NOT_THE_MODEL = (".md", ".jsonl", ".dvc")


class Model:
    """The signature, the author's `predict`, and the state that it reads once."""

    def __init__(self, root: Path = ROOT, *, is_fast: bool = True):
        self.root = root
        self.contract = Contract(read_signature(root))
        function = root / self.contract.signature["function"]
        sys.path.insert(0, str(function.parent))  # its modules import one another by name, as the stages do
        self._code = importlib.import_module(function.stem)
        self._state, self.fast = self._code.load(root), []
        if is_fast and "sklearn" in sys.modules:  # the model brought it
            from .fast import proved

            self._state, self.fast = proved(self._state, self._code.predict, self.contract, root)
        self.identity = identity(root)
        self.labels = self.contract.signature["outputs"]["prediction"].get("labels")

    def answer(self, records: list) -> list:
        """One answer for each record, in order. Problem for a record that the author's code cannot take."""
        try:
            return self._code.predict(self.contract.rows(records), self._state)
        except self._code.Rejected as error:
            raise _rejected(error, records, self.contract) from None
        except (Exception, SystemExit) as error:
            raise self._judged(error, len(records)) from None

    def _judged(self, error: BaseException, count: int) -> Problem:
        """Whose fault it is: while the example of the signature is answered, the row is at fault, else we are."""
        log.warning("predict failed", extra={"error": type(error).__name__, "place": place_of(error), "rows": count})
        if isinstance(error, (MemoryError, OSError)) and self.contract.kind != "image":
            return Problem("failed")
        return Problem("rejected", "It stops with an error at this input.") if self.is_well() else Problem("failed")

    def is_well(self) -> bool:
        """Whether the example of the signature is answered; of images there is none, and they are looked at before."""
        try:
            example = self._example()
            return example is None or bool(self._code.predict(self.contract.rows(example), self._state))
        except Exception:
            return False

    def seconds_for(self, rows: int) -> float:
        """How long so many rows take, as the middle of five; infinitely long where there is no example."""
        example = self._example()
        if example is None:
            return math.inf
        return sorted(self._seconds(example * rows) for _ in range(5))[2]

    def _seconds(self, records: list) -> float:
        started = time.perf_counter()
        self._code.predict(self.contract.rows(records), self._state)
        return time.perf_counter() - started

    def _example(self):
        """The example as a list of one record; None for images."""
        example = (self.contract.signature.get("example") or {}).get("input")
        if self.contract.kind == "image" or not isinstance(example, dict):
            return None
        return self.contract.check([example], is_many=False)


def _rejected(error, records: list, contract: Contract) -> Problem:
    row, field, message = (getattr(error, name, None) for name in ("index", "field", "message"))
    record = records[row] if isinstance(row, int) and 0 <= row < len(records) else {}
    received = shown(record[field]) if field in record and not hasattr(record[field], "read") else "a value that it cannot take"
    known = contract.known(field, record.get(field))
    problem = invalid([{"row": row or 0, "field": field, "expected": known or message or str(error), "received": received}])
    said = f"expected {known}, received {received} ({message})" if known else str(message or error)
    problem.name, problem.detail = "rejected", f"{field}: {said}" if field else said
    return problem


def place_of(error: BaseException) -> str:
    """File and line; the message stays out of the log, since it may hold what was sent."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def identity(root: Path) -> dict:
    """What answers: the commit, and hashes of the data, the model, the code and the lock."""
    folder = (root / read_signature(root)["function"]).parent
    return {
        "commit": os.environ.get("SERVICE_COMMIT") or _commit(root),
        "data": {path.relative_to(root).as_posix()[: -len(".dvc")]: _dvc_hash(path) for path in sorted(root.glob("data/**/*.dvc"))},
        "model": _digest(root, [file for file in (root / "model").rglob("*") if file.suffix not in _NOT_THE_MODEL and file.name != ".gitignore"]),
        "code": _digest(root, folder.glob("*.py")),
        "lock": _digest(root, [root / "uv.lock"]),
        "service": _digest(root, (root / "service").glob("*.py")),
    }


def _commit(root: Path):
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _dvc_hash(path: Path):
    found = re.search(r"^\s*-?\s*md5: *(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else None


def _digest(root: Path, files) -> str:
    """SHA-256 of names and contents."""
    total = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        total.update(file.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def proved_group(model: Model) -> int:
    """How many rows may be answered in one call: as many as evidence/serve.json has, of this very model, code, lock and service, proved equal; else 1."""
    try:
        evidence = json.loads((model.root / "evidence" / "serve.json").read_text(encoding="utf-8"))
        is_same = all(evidence["identity"][part] == model.identity[part] for part in ("model", "code", "lock", "service"))
        return int(evidence["grouping"]["most_rows"]) if is_same and evidence["grouping"]["is_proved"] else 1
    except (OSError, ValueError, KeyError, TypeError):
        return 1
