"""Why the environment could not be made or a stage failed, as what would stop a colleague."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ferrata.records.run import StageRun
from ferrata.records.verification import Obstacle
from ferrata.steps.verifying.copy import Copy
from ferrata.steps.verifying.standing import absent_file

NETWORK = re.compile(
    r"URLError|HTTPError|ConnectionError|ConnectTimeout|gaierror|MaxRetryError|NewConnectionError|Temporary failure in name resolution|"
    r"Name or service not known|Network is unreachable|Failed to establish a new connection|Could not resolve host|"
    r"No internet connection|unable to resolve host|LocalEntryNotFoundError|nodename nor servname|Errno 101"
)
_MISSING_FILE = re.compile(r"(?:No such file or directory|FileNotFoundError|Read-only file system|does not exist)[^'\"\n]*['\"]([^'\"\n]+)['\"]")
_OF_SHELL = re.compile(r"(?:cannot open|cat:|ls:|cp:|can't open file) '?([^:'\s]+)'?.*No such file")
_LIBRARY = re.compile(r"(?:ImportError|OSError): (lib[\w.+-]+\.so[\w.]*|lib[\w.+-]+\.dylib): cannot open shared object")
_MODULE = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)")


def why_not_installed(output: str) -> Obstacle:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    core = next((line for line in lines if line.lower().startswith("error")), lines[-1] if lines else "uv gave no reason").removeprefix("error: ")
    if found := re.search(r"No interpreter found for (.+?)(?: in |$)", output, re.M):
        todo = f"Install it (uv python install), or ask for another in .python-version and requires-python: {found[1]}."
        return Obstacle("python", f"The project asks for {found[1]}, which is not on this machine", ".python-version, pyproject.toml", todo)
    if found := re.search(r"pyenv: version [`']([^`']+)' is not installed", output):
        what = f"The project asks for Python {found[1]}, which is not on this machine"
        return Obstacle("python", what, ".python-version", f"pyenv install {found[1]}, or uv python install {found[1]}.")
    if "needs to be updated" in output or "Unable to find lockfile" in output:
        return Obstacle("stale-lock", "uv.lock is not what pyproject.toml asks for", "uv.lock", "Lock it again and commit it: uv lock.")
    if found := re.search(r"(?:Distribution not found at|failed to query metadata of file|does not exist):? `?(\S+?)`?$", output, re.M):
        return Obstacle("local-package", f"A package lies where only one machine has it: {found[1]}", "uv.lock", "Take it from an index or a Git repository.")
    if NETWORK.search(output) or "Failed to fetch" in output:
        return Obstacle("package", f"A package could not be fetched: {core}", "uv.lock", "See whether the index has it and is reached from here.")
    return Obstacle("environment", f"The environment cannot be made from the lock: {core}", "uv.lock", "\n".join(lines[-8:]))


def why_failed(run: StageRun, copy: Copy, project: Path | None) -> Obstacle:
    """The likeliest reason; what it wrote last where none is known."""
    text = "\n".join((*run.lines, run.why))
    return next(_reasons(run, text, copy, project), _failed(run))


def _reasons(run: StageRun, text: str, copy: Copy, project: Path | None) -> Iterator[Obstacle]:
    if found := _LIBRARY.search(text):
        todo = f"Say in the README which package of the system brings it, and install it: {found[1]}."
        yield Obstacle("system-library", f"{run.name} needs the system library {found[1]}, which is not on this machine", run.command, todo)
    if found := _MODULE.search(text):
        todo = "uv add the distribution that brings it, and commit pyproject.toml and uv.lock; a module of your own: commit it."
        yield Obstacle("package", f"{run.name} imports {found[1]}, which is neither in uv.lock nor committed", run.command, todo)
    if found := _MISSING_FILE.search(text) or _OF_SHELL.search(text):
        yield _file(found[1], run, copy, project)
    if NETWORK.search(text):
        todo = "Track what it downloads (ferrata data add PATH), or see whether the address answers."
        yield Obstacle("network", f"{run.name} needs the network, and got no answer", run.command, todo)
    if run.status == 127:
        yield _program(run, text)


def _file(written: str, run: StageRun, copy: Copy, project: Path | None) -> Obstacle:
    """Relative to the clone, to the author's folder, or to neither."""
    path = Path(written)
    for root in (copy.project, project):
        if root is not None and path.is_absolute() and path.is_relative_to(root.resolve()):
            place = path.relative_to(root.resolve()).as_posix()
            if root is project:
                todo = "Write the path relative to the project."
                return Obstacle("absolute-path", f"{run.name} reads {written}, by a path that only this machine has", run.command, todo)
            return absent_file(place, f"the stage {run.name} reads it", project)
    if not path.is_absolute():
        return absent_file(written, f"the stage {run.name} reads it", project)
    here = "It is on this machine. " if path.exists() else ""
    return Obstacle("missing-file", f"{run.name} looks for {written}", run.command, f"{here}Bring it into the project: ferrata data add PATH.")


def _program(run: StageRun, text: str) -> Obstacle:
    found = re.search(r"([\w.+/-]+): (?:command )?not found", text)
    name = found[1] if found else (run.command.split() or ["?"])[0]
    here = shutil.which(name)
    todo = f"You have it at {here}, which is yours alone. " if here else ""
    return Obstacle("program", f"{run.name} calls {name}, which is not installed for everyone", run.command, f"{todo}Add what brings it to pyproject.toml.")


def _failed(run: StageRun) -> Obstacle:
    last: Sequence[str] = [line.strip() for line in run.lines if line.strip()]
    todo = "Run it in a new clone: ferrata verify --keep says where, and leaves it there."
    return Obstacle("stage", f"{run.why}: {last[-1]}" if last else run.why, run.command, todo)


def used_network(name: str, command: str) -> Obstacle:
    todo = "Track what it downloads: ferrata data add PATH. What an address gives may change, or be gone tomorrow."
    return Obstacle("network", f"{name} uses the network: it failed without, and ran with it", command, todo, False)
