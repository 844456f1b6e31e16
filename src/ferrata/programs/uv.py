"""uv: environments and locks. Every function builds a `Command`; `world.process.run` runs it.

uv does not read pip's configuration. `find_links` takes from it what uv has no other way to know: the folders of wheels.
"""

from __future__ import annotations

import configparser
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ferrata.errors import ProgramMissing
from ferrata.records.command import Command

LOCK_SECONDS = 300.0
SYNC_SECONDS = 1800.0


def program() -> str:
    """The uv binary: the one installed with Ferrata, else the one on PATH."""
    try:
        import uv

        return os.fsdecode(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise ProgramMissing("uv is not installed", todo="Install it with `pip install uv` and run the command again.")
    return found


def pip_configuration_files(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Where pip looks for its configuration, from the weakest to the strongest (pip's own order: global, user, environment)."""
    if environ.get("PIP_CONFIG_FILE") == os.devnull:
        return ()
    folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path("/etc/pip.conf"), Path("/etc/xdg/pip/pip.conf"), home / ".pip" / "pip.conf", folder / "pip" / "pip.conf"]
    if sys.platform == "darwin":
        files.insert(3, home / "Library" / "Application Support" / "pip" / "pip.conf")
    if "APPDATA" in environ:
        files.append(Path(environ["APPDATA"]) / "pip" / "pip.ini")
    if environ.get("PIP_CONFIG_FILE"):
        files.append(Path(environ["PIP_CONFIG_FILE"]))
    return tuple(files)


def find_links(environ: Mapping[str, str], files: Iterable[Path]) -> tuple[str, ...]:
    """pip's find-links: the variable PIP_FIND_LINKS, else the strongest configuration file that sets it."""
    if environ.get("PIP_FIND_LINKS", "").strip():
        return tuple(environ["PIP_FIND_LINKS"].split())
    links: tuple[str, ...] = ()
    for file in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue
        for section in ("global", "install"):
            links = tuple(parser.get(section, "find-links", fallback="").split()) or links
    return links


def environment(environ: Mapping[str, str] | None = None, home: Path | None = None) -> dict[str, str]:
    """What every uv command is given over the clean environment."""
    environ = os.environ if environ is None else environ
    settings = {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": environ.get("UV_PYTHON_DOWNLOADS", "manual")}
    if "UV_FIND_LINKS" not in environ:
        links = find_links(environ, pip_configuration_files(environ, home or Path.home()))
        if links:
            settings["UV_FIND_LINKS"] = ",".join(links)
    return settings


def wheel_folders() -> tuple[Path, ...]:
    """The local folders of wheels among the find-links that uv is given."""
    links = os.environ.get("UV_FIND_LINKS") or environment().get("UV_FIND_LINKS", "")
    folders = (Path(link.removeprefix("file://")) for link in links.split(",") if link and not link.startswith(("http:", "https:")))
    return tuple(folder for folder in folders if folder.is_dir())


def _command(*arguments: str, folder: Path | None = None, why: str = "", timeout: float | None = LOCK_SECONDS) -> Command:
    # VIRTUAL_ENV never reaches uv (see `world.process`), so `uv sync` always means the folder's own .venv.
    return Command((program(), *arguments), folder, environment(), why, timeout)


def python_list() -> Command:
    """Installed interpreters, uv's own and the system's, as JSON on standard output."""
    command = _command("python", "list", "--only-installed", "--output-format", "json", why="Looking for installed Pythons", timeout=60)
    # A shim starts a shell script for each version that is not active; what stands behind them is found by folder.
    places = [place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(place).name != "shims"]
    return replace(command, environment={**command.environment, "PATH": os.pathsep.join(places)})


def venv(folder: Path, python: Path | str) -> Command:
    """An empty environment in `folder`, replacing one that is there."""
    return _command("venv", "--quiet", "--clear", "--no-project", "--python", str(python), str(folder), why="Making an environment")


def lock(folder: Path, *, python: Path | str = "", check: bool = False, timeout: float = LOCK_SECONDS) -> Command:
    """Write uv.lock for the pyproject.toml in `folder`; with `check`, only say whether it is up to date."""
    chosen = ("--python", str(python)) if python else ()
    return _command("lock", *(("--check",) if check else ()), *chosen, folder=folder, why="Resolving packages", timeout=timeout)


def add(folder: Path, *requirements: str, group: str, timeout: float = LOCK_SECONDS) -> Command:
    """Add to a dependency group of pyproject.toml and to uv.lock, installing nothing; where that fails both stay as they were."""
    return _command("add", "--group", group, "--no-sync", *requirements, folder=folder, why="Resolving packages", timeout=timeout)


def sync(folder: Path, *, python: Path | str = "", groups: Iterable[str] = (), timeout: float = SYNC_SECONDS) -> Command:
    """Install exactly what uv.lock says into the folder's .venv; fails when the lock is stale."""
    chosen = ("--python", str(python)) if python else ()
    wanted = [part for group in groups for part in ("--group", group)]
    return _command("sync", "--locked", *chosen, *wanted, folder=folder, why="Installing packages", timeout=timeout)


def sync_check(folder: Path) -> Command:
    """Status 0 when the folder's .venv is what uv.lock says; changes nothing."""
    return _command("sync", "--locked", "--check", folder=folder, why="Looking at the environment", timeout=60)


def find_python(folder: Path) -> Command:
    """The interpreter that the project in the folder asks for, on standard output; status 1 or 2 where it is not here."""
    return _command("python", "find", folder=folder, why="Looking for the project's Python", timeout=60)


def without_building(command: Command, distributions: Iterable[str]) -> Command:
    """The same command, which takes these distributions as wheels or not at all."""
    names = " ".join(distributions)
    return replace(command, environment={**command.environment, "UV_NO_BUILD_PACKAGE": names}) if names else command


def run(folder: Path, *arguments: str, timeout: float | None = None) -> Command:
    """Run a program in the folder's environment as its lock says, without changing either."""
    return _command("run", "--locked", "--no-sync", *arguments, folder=folder, why=f"Running {arguments[0]}", timeout=timeout)


def pip_install(python: Path, *requirements: str, timeout: float = SYNC_SECONDS) -> Command:
    return _command("pip", "install", "--python", str(python), *requirements, why=f"Installing {', '.join(requirements)}", timeout=timeout)


def pip_install_exactly(python: Path, requirements: Iterable[str], *, timeout: float = SYNC_SECONDS) -> Command:
    """These and nothing that they ask for."""
    return _command("pip", "install", "--quiet", "--no-deps", "--python", str(python), *requirements, why="Installing packages", timeout=timeout)


def compiled(requirements: Path, *, python: str, before: str = "", is_newest: bool = True) -> Command:
    """The versions that fit these requirements, those of a day (ISO) if one is given, as wheels for a Python, on standard output."""
    options = ["--quiet", "--no-header", "--no-annotate", "--python-version", python, "--only-binary", ":all:"]
    options += ["--exclude-newer", before] if before else []
    options += [] if is_newest else ["--resolution", "lowest-direct"]
    return _command("pip", "compile", *options, str(requirements), folder=requirements.parent, why="Looking for packages that fit")


def pins(folder: Path) -> Command:
    """What uv.lock would install, as requirements with markers on standard output."""
    return _command("export", "--frozen", "--quiet", "--no-hashes", "--no-header", "--no-annotate", "--no-emit-project", folder=folder,
                    why="Reading the lock", timeout=60)  # fmt: skip


def pip_list(python: Path) -> Command:
    """Installed distributions as a JSON list of {name, version} on standard output."""
    return _command("pip", "list", "--format", "json", "--python", str(python), why="Reading installed versions", timeout=60)


def pip_freeze(python: Path) -> Command:
    return _command("pip", "freeze", "--python", str(python), why="Reading installed versions", timeout=60)


def export(folder: Path, *, output: str = "requirements.txt", only_group: str = "", group: str = "") -> Command:
    """The lock as a requirements file with hashes, so that pip installs the same files; with `only_group` what that group alone needs, with `group` all.

    With `output` "" it goes to standard output.
    """
    return _command(
        "export",
        "--locked",
        "--quiet",
        "--no-header",
        "--no-emit-project",
        "--format",
        "requirements-txt",
        *(("--only-group", only_group) if only_group else ()),
        *(("--group", group) if group else ()),
        *(("--output-file", output) if output else ()),
        folder=folder,
        why=f"Writing {output}" if output else "Reading the lock",
    )
