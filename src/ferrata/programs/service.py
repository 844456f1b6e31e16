"""The service of a project, as a command of its own environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ferrata.records.command import Command


def run_service(project: Path, *, host: str, port: int, settings: Mapping[str, str] | None = None) -> Command:
    """`settings` are laid over the SERVICE_ variables of this shell."""
    given = {name: value for name, value in os.environ.items() if name.startswith("SERVICE_")}
    arguments = (_python(project), "-m", "service", "--host", host, "--port", str(port))
    return Command(arguments, project, {**given, **(settings or {}), "PYTHONUNBUFFERED": "1"}, "Serving")


def identity(project: Path) -> Command:
    """What would answer, as JSON on standard output: the commit, and hashes of data, model, code, lock and service."""
    return Command((_python(project), "-m", "service", "version"), project, {}, "Looking at the model", 120)


def _python(project: Path) -> str:
    return str(project / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


# The service with some distributions hidden, and a report of what it imported and opened, written when it ends.
_TRIAL = r"""
import builtins
import importlib.abc
import importlib.metadata
import json
import os
import re
import runpy
import signal
import sys

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # the server hands the signal on when it has ended
report, allowed = sys.argv[1], json.loads(sys.argv[2])
sys.argv[:] = ["service", *sys.argv[3:]]
root = os.getcwd()
sys.path.insert(0, root)
owners = {}
for top, names in importlib.metadata.packages_distributions().items():
    owners[top] = {re.sub(r"[-_.]+", "-", name).lower() for name in names}
direct, refused, opened = set(), [], set()
plain = builtins.__import__


class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        found = owners.get(name.partition(".")[0])
        if allowed is not None and found and not found & set(allowed):
            refused.append(name.partition(".")[0])
            raise ModuleNotFoundError("No module named %r" % name, name=name)
        return None


def watched(name, globals=None, locals=None, fromlist=(), level=0):
    place = (globals or {}).get("__file__") or ""
    if not level and place.startswith(root + os.sep) and not place.startswith(os.path.join(root, ".venv")):
        direct.add(name.partition(".")[0])
    return plain(name, globals, locals, fromlist, level)


def on_event(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if path.startswith(root + os.sep):
            opened.add(os.path.relpath(path, root).replace(os.sep, "/"))


sys.meta_path.insert(0, Hidden())
builtins.__import__ = watched
sys.addaudithook(on_event)
try:
    runpy.run_module("service", run_name="__main__", alter_sys=True)
finally:
    found = {"direct": sorted(set().union(*(owners.get(top, set()) for top in direct))), "opened": sorted(opened)}
    found["refused"] = [sorted(owners[top]) for top in dict.fromkeys(refused)]
    with open(report, "w") as stream:
        json.dump(found, stream)
"""


def trial(project: Path, *, port: int, report: Path, allowed: Sequence[str] | None, settings: Mapping[str, str]) -> Command:
    """The service with only these distributions (None: with all of them). When it ends, `report` has as JSON the distributions that the project's own code
    imports (`direct`), the files of the project that were opened, and for each hidden module that was asked for, in order, who has it (`refused`)."""
    arguments = (_python(project), "-c", _TRIAL, str(report), json.dumps(allowed), "--host", "127.0.0.1", "--port", str(port))
    return Command(arguments, project, {**settings, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}, "Trying the service")
