"""Adopt again: what a new adoption of the same notebook gives, as a branch of the project that is there, to be merged with what was done in it since."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ferrata.errors import OutsideError, ProjectError
from ferrata.programs import git
from ferrata.records.notebook import Notebook
from ferrata.store.cache import open_cache
from ferrata.store.config import read_config
from ferrata.store.remotes import transfer
from ferrata.store.remotes.named import read_named
from ferrata.store.remotes.remote import FolderRemote
from ferrata.store.running.plan import find_project
from ferrata.world import process
from ferrata.world.staging import is_project_of

BRANCH = "adopted-again"
PROOF_SUBJECT = "Record the proof: the pipeline gives the notebook's numbers"
_SUBJECT = "Adopt the notebook again, as Ferrata does it now"
_ALL_COMMITS = 1_000_000


def project_to_renew(notebook: Notebook, beside: Path) -> Path:
    """The project of this notebook: the one that it lies in, else the one at `beside`.

    ProjectError where it has none, where its history does not say what came of adopting, or where the branch of an earlier time waits to be merged.
    """
    project = next((each for each in (find_project(notebook.path.parent), beside) if each and is_project_of(each, notebook.sha256)), None)
    if project is None:
        todo = "Adopt it first, without --again, or say where it is with --into DIR."
        raise ProjectError("There is no project of this notebook", where=str(beside), todo=todo)
    _adopted(project)
    if process.run(git.rev_parse(project, BRANCH)).status == 0:
        todo = f"Merge it (git merge {BRANCH}) and delete it: git branch -d {BRANCH}. To do without it: git branch -D {BRANCH}."
        raise ProjectError(f"There is a branch {BRANCH} already", where=str(project), todo=todo)
    return project


def refuse_inside(notebook: Notebook) -> None:
    """ProjectError for the notebook that a project keeps: a second project inside of it is nobody's wish."""
    project = find_project(notebook.path.parent)
    if project and is_project_of(project, notebook.sha256):
        todo = "Adopt it again with --again: what is new becomes a branch of the project. For another project: --into DIR."
        raise ProjectError("The notebook is part of its project already", where=str(project), todo=todo)


def name_of(project: Path) -> str:
    """As it was called when it was adopted, whatever its folder is called now."""
    try:
        return str(tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"])
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ProjectError("pyproject.toml does not say what the project is called", where=str(project / "pyproject.toml"), todo="Restore it.") from error


def hand_over(staged: Path, project: Path) -> None:
    """The files of `staged` become one commit on a branch that begins where the project was adopted; its data goes to the project's cache."""
    made = process.run(git.rev_parse(staged), check=True).output.strip()
    wanted = {each.md5 for each in read_named(staged) if each.md5}
    done = transfer.pull(open_cache(project), FolderRemote(read_config(staged).cache.folder), wanted)
    if done.missing or done.damaged:
        raise OutsideError("The data of the new adoption could not be copied", where=str(project), todo="Run the command again.")
    process.run(git.fetch_commit(project, staged, made), check=True)
    author = None if process.run(git.identity(project)).status == 0 else git.FALLBACK_IDENTITY
    commit = process.run(git.commit_tree(project, made, parent=_adopted(project), message=_SUBJECT, author=author), check=True).output.strip()
    process.run(git.new_branch(project, BRANCH, commit), check=True)


def _adopted(project: Path) -> str:
    """The commit that holds what adopting gave, the last time."""
    log = process.run(git.log(project, limit=_ALL_COMMITS)).output
    for line in log.splitlines():
        commit, _, subject = line.partition("\0")
        if subject in (PROOF_SUBJECT, _SUBJECT):
            return commit
    todo = "Adopt the notebook into a new folder: --into DIR."
    raise ProjectError("The project's history has no commit that records what adopting gave", where=str(project), todo=todo)
