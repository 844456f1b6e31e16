"""The clone, its environment, and what its stages see: nothing of the author's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError
from ferrata.programs import git, uv
from ferrata.programs.isolation import Isolation, degrees, probe
from ferrata.records.command import Command, Outcome
from ferrata.records.project import Stage
from ferrata.records.verification import Obstacle, Origin
from ferrata.store.init import init
from ferrata.world import process
from ferrata.world.commands import stage_environment

HASH_SEED = "20011"
_OTHER_TOOLS = ("requirements.txt", "environment.yml", "environment.yaml", "Pipfile", "poetry.lock", "pdm.lock", "setup.py", "pyproject.toml")
# Of this shell, and no part of what a stage is promised.
_NOT_HANDED_OVER = ("UV_", "PIP_", "LD_LIBRARY", "DYLD_", "VIRTUAL_ENV", "CONDA_", "XDG_CACHE_HOME")


@dataclass(frozen=True)
class Copy:
    """`root` is the clone, `project` the project in it; `folder` holds it, a home, a folder for temporary files and one for programs."""

    folder: Path
    root: Path
    project: Path
    isolation: Isolation = field(default_factory=Isolation)

    @property
    def python(self) -> Path:
        return self.project / ".venv" / "bin" / "python"

    def place(self, name: str) -> Path:
        """`home`, `tmp` or `bin`."""
        (self.folder / name).mkdir(exist_ok=True)
        return self.folder / name


def clone(origin: Origin, scratch: Path) -> tuple[Copy, Origin]:
    """The clone, and the origin with the commit that it is at. OutsideError where nothing can be cloned, ProjectError where no project is in it."""
    name = Path(origin.place.rstrip("/")).name.removesuffix(".git") or "project"
    root = scratch / "clone" / name
    root.parent.mkdir()
    if origin.kind in ("local", "revision"):
        root.mkdir()
        for command in (git.init(root), git.fetch_commit(root, Path(origin.place), origin.commit), git.check_out(root, origin.commit)):
            process.run(command, check=True)
    else:
        _clone_of(origin, root)
    commit = process.run(git.rev_parse(root)).output.strip()
    if not commit:
        raise ProjectError("Nothing is pushed there yet", where=origin.place, todo="Push the branch: git push.")
    return _project_in(Copy(scratch, root, root), origin), replace(origin, commit=commit)


def _clone_of(origin: Origin, root: Path) -> None:
    outcome = process.run(git.clone_of(origin.place, root, branch=origin.branch, folder=origin.root))
    if outcome.status != 0:
        lines = [line for line in outcome.error.strip().splitlines() if line.strip()]
        todo = "See whether the address is right, the branch is pushed, and you may read there."
        raise OutsideError(f"The repository cannot be cloned: {lines[-1] if lines else 'git gave no reason'}", where=origin.shown, todo=todo)


def _project_in(copy: Copy, origin: Origin) -> Copy:
    project = copy.root / origin.subfolder if (copy.root / origin.subfolder / "dvc.yaml").is_file() else copy.root
    if not (project / "dvc.yaml").is_file():
        todo = "Commit dvc.yaml and push it." if origin.kind != "address" else "Give the address of a project with a pipeline."
        raise ProjectError("There is no dvc.yaml in what is committed", where=origin.shown, todo=todo)
    init(project)
    return replace(copy, project=project)


def lacks_lock(copy: Copy) -> Obstacle | None:
    """Without a lock there is no environment that could be made twice; a pipeline without Python needs none."""
    files = process.run(git.listed(copy.project)).output.split("\0")
    found = [name for name in _OTHER_TOOLS if (copy.project / name).is_file()]
    if (copy.project / "uv.lock").is_file() or not (found or any(path.endswith(".py") for path in files)):
        return None
    todo = "Describe it in a pyproject.toml (uv init --bare), lock it (uv lock), and commit both."
    if "requirements.txt" in found:
        todo = "Make one from requirements.txt: uv init --bare, uv add -r requirements.txt; then commit pyproject.toml and uv.lock."
    elif "pyproject.toml" in found:
        todo = "Lock it: uv lock, and commit uv.lock."
    beside = f"; there is only {', '.join(found)}" if found else ""
    what = f"There is no uv.lock in what is committed, so nothing says with which packages it runs{beside}"
    return Obstacle("no-lock", what, "uv.lock", todo)


def install(copy: Copy, on_line: Callable[[str], None]) -> Outcome:
    """Exactly what is locked, into a new environment; the home is empty, and packages that were downloaded once are taken from uv's cache."""
    home = Path.home()
    base = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    data = os.environ.get("XDG_DATA_HOME") or home / ".local" / "share"
    places = {
        "UV_PROJECT_ENVIRONMENT": copy.project / ".venv", "HOME": copy.place("home"), "TMPDIR": copy.place("tmp"), "XDG_CONFIG_HOME": copy.place("home"),
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR") or Path(base) / "uv",
        "UV_PYTHON_INSTALL_DIR": os.environ.get("UV_PYTHON_INSTALL_DIR") or Path(data) / "uv" / "python",
        "NETRC": os.environ.get("NETRC") or home / ".netrc", "GIT_CONFIG_GLOBAL": os.environ.get("GIT_CONFIG_GLOBAL") or home / ".gitconfig",
    }  # fmt: skip
    return process.run(with_variables(uv.sync(copy.project), {name: str(place) for name, place in places.items()}), on_line=on_line)


def with_variables(command: Command, variables: Mapping[str, str]) -> Command:
    return replace(command, environment={**command.environment, **variables})


def shut_off(copy: Copy, hidden: Path | None) -> Copy:
    """The strictest isolation that this system allows; a folder with something in it that the clone needs is not hidden."""
    needed = (copy.folder, copy.python.resolve())
    places = [hidden.resolve()] if hidden and not any(path.is_relative_to(hidden.resolve()) for path in needed) else []
    isolation = next((each for each in degrees(places) if process.run(probe(each)).status == 0), Isolation())
    return replace(copy, isolation=isolation)


def variables_for(copy: Copy, stage: Stage, environ: Mapping[str, str]) -> dict[str, str]:
    """What docs/run.md promises to a stage, with another home, other temporary files, another hash seed, and programs of the system alone."""
    promised = stage_environment(environ, (*stage.variables, *stage.passed))
    named = {*stage.variables, *stage.passed}
    kept = {name: value for name, value in promised.items() if name in named or not name.startswith(_NOT_HANDED_OVER)}
    own = {
        "HOME": str(copy.place("home")), "TMPDIR": str(copy.place("tmp")), "MPLCONFIGDIR": str(copy.place("home")), "PYTHONHASHSEED": HASH_SEED,
        "PYTHONNOUSERSITE": "1", "PATH": os.pathsep.join(search_path(copy, environ)), "DVC_ROOT": str(copy.project), "DVC_STAGE": stage.name,
    }  # fmt: skip
    return {**kept, **{name: value for name, value in own.items() if name not in named or name in ("HOME", "PATH")}}


def search_path(copy: Copy, environ: Mapping[str, str]) -> Iterator[str]:
    """Folders of programs that are no one person's and of no environment; uv last, which whoever installs the lock has."""
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        if folder and os.path.isabs(folder) and not is_personal(Path(folder)):
            yield folder
    yield str(_with_uv(copy))


def is_personal(folder: Path) -> bool:
    is_environment = (folder.parent / "pyvenv.cfg").exists() or (folder.parent / "conda-meta").exists()
    home = Path.home()
    return is_environment or folder.name == "shims" or (home != Path("/") and folder.is_relative_to(home))


def _with_uv(copy: Copy) -> Path:
    link = copy.place("bin") / "uv"
    if not link.is_symlink():
        link.symlink_to(uv.program())
    return link.parent


def conditions(copy: Copy, stages: Iterable[Stage], *, reads_seen: bool) -> list[tuple[str, str]]:
    named = sorted({name for stage in stages for name in (*stage.variables, *stage.passed) if name in os.environ})
    network = "off for the stages" if copy.isolation.is_offline else "not cut off: this system does not allow it; whether a stage uses it was not checked"
    hidden = "not visible" if copy.isolation.hidden else "not hidden: this system does not allow it; only written paths were looked for"
    rows = [
        ("environment", "new, from uv.lock alone; home, temporary files and hash seed of its own; no user site, no PYTHONPATH"),
        ("network", network), ("the author's folder", hidden), ("run cache", "not used: every stage ran"),
    ]  # fmt: skip
    if not reads_seen:
        rows.append(("undeclared reads", "not looked for: this file system does not keep when a file was read"))
    return [*rows, ("variables of this shell", ", ".join(named))] if named else rows
