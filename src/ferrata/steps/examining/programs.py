"""The programs that steps start: which are here, in which version, and how to get the others."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterator

from ferrata.errors import OutsideError
from ferrata.programs import git, uv
from ferrata.records.command import Command
from ferrata.records.health import Check
from ferrata.world import process

_OLDEST_GIT = (2, 31)  # settings handed over as variables
_SECONDS = 10.0
_MANAGERS = (
    ("apt-get", "sudo apt-get install"), ("dnf", "sudo dnf install"), ("pacman", "sudo pacman -S"), ("apk", "sudo apk add"),
    ("zypper", "sudo zypper install"),
)  # fmt: skip
_CONTAINER_TOOLS = ("docker", "podman", "buildah")


def program_checks() -> Iterator[Check]:
    yield _python()
    yield _uv()
    yield _git()
    yield from _identity()
    yield _containers()


def how_to_install(package: str) -> str:
    """With the package manager that is here."""
    if sys.platform == "darwin":
        return f"brew install {package}"
    found = next((command for program, command in _MANAGERS if shutil.which(program)), None)
    return f"{found} {package}" if found else f"Install {package} with the package manager of your system."


def _python() -> Check:
    return Check("Python", f"{platform.python_version()} at {sys.executable}", "ok", "everything", is_required=True)


def _uv() -> Check:
    try:
        version = _version((uv.program(), "--version"))
    except OutsideError as error:
        return Check("uv", "not found", "missing", "adopt, run, verify: the project's environment", error.todo, is_required=True)
    return Check("uv", version, "ok", "adopt, run, verify: the project's environment", is_required=True)


def _git() -> Check:
    needed = "adopt, run, verify: every project is a Git repository"
    try:
        version = _version((git.program(), "--version"))
    except OutsideError:
        return Check("git", "not found", "missing", needed, how_to_install("git"), is_required=True)
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _OLDEST_GIT:
        wanted = ".".join(map(str, _OLDEST_GIT))
        return Check("git", f"{version}, which is older than {wanted}", "missing", needed, how_to_install("git"), is_required=True)
    return Check("git", version, "ok", needed, is_required=True)


def _identity() -> Iterator[Check]:
    if shutil.which("git") is None:
        return
    found = [_output(("git", "config", "--get", name)) for name in ("user.name", "user.email")]
    if all(found):
        yield Check("git identity", f"{found[0]} <{found[1]}>", "ok", "your own commits")
    else:
        todo = 'git config --global user.name "YOUR NAME" && git config --global user.email YOU@EXAMPLE.COM'
        yield Check("git identity", "not set", "note", "your own commits; adopt commits as Ferrata without one", todo)


def _containers() -> Check:
    needed = "an image of the model, and shipping it"
    here = [name for name in _CONTAINER_TOOLS if shutil.which(name)]
    if not here:
        return Check("container tool", "none of docker, podman, buildah", "missing", needed, how_to_install("podman"))
    running = [f"{name} {version}" for name in here if (version := _answers(name))]
    if not running:
        todo = "Start it (sudo systemctl start docker), or see whether you may use it (groups); rootless podman needs neither."
        return Check("container tool", f"{', '.join(here)}, which does not answer", "missing", needed, todo)
    return Check("container tool", ", ".join(running), "ok", needed)


def _answers(name: str) -> str:
    """Its version where it can be used now, not only be started."""
    asked = ("info", "--format", "{{.ServerVersion}}") if name == "docker" else ("info",)
    if _output((name, *asked)) is None:
        return ""
    return re.sub(r"^\D*", "", _version((name, "--version"))).split()[0].rstrip(",")


def _version(arguments: tuple[str, ...]) -> str:
    said = _output(arguments) or ""
    found = re.search(r"\d+\.\d[\w.]*", said)
    return found[0] if found else said.strip() or "of no known version"


def _output(arguments: tuple[str, ...]) -> str | None:
    """None where the program fails or is not there."""
    try:
        outcome = process.run(Command(arguments, timeout=_SECONDS))
    except OutsideError:
        return None
    return outcome.output.strip() if outcome.status == 0 else None
