"""Which commit is verified, and from where it is taken."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from ferrata.errors import ProjectError, UsageError
from ferrata.programs import git
from ferrata.records.command import Command
from ferrata.records.verification import Origin
from ferrata.world import process

_ADDRESS = re.compile(r"^[\w+.-]+://|^[\w.-]+@[\w.-]+:|^[\w.-]+:[^\\]")


def find_origin(project: Path | None, source: str) -> Origin:
    """ProjectError where there is nothing that could be cloned, UsageError for a source that is neither a revision nor an address."""
    if project is None:
        return Origin("address", _address(source))
    root = _said(git.top(project))
    if not root:
        raise ProjectError("This project is in no Git repository", where=str(project), todo="Begin one: git init, git add --all, git commit.")
    head = _said(git.rev_parse(project))
    if not head:
        raise ProjectError("Nothing is committed yet", where=root, todo="Commit the project: git add --all && git commit.")
    subfolder = os.path.relpath(project.resolve(), root)
    here = Origin("local", root, "", head, "" if subfolder == "." else subfolder, head, Path(root))
    return _chosen(here, source) if source else _pushed(here)


def _chosen(here: Origin, source: str) -> Origin:
    commit = _said(git.rev_parse(Path(here.place), source)) if not source.startswith("-") else ""
    if commit:
        return Origin("revision", here.place, source, commit, here.subfolder, here.head, here.root)
    return Origin("address", _address(source), "", "", here.subfolder, here.head, here.root)


def _address(source: str) -> str:
    if not source.startswith("-") and (_ADDRESS.match(source) or Path(source).is_dir()):
        return source if _ADDRESS.match(source) else os.path.abspath(source)
    raise UsageError(f"{source} is neither a revision of this repository nor an address", where="--from", todo="Give a branch, a tag, a commit or a Git URL.")


def _pushed(here: Origin) -> Origin:
    """The branch that this one is pushed to; this repository itself where there is none."""
    root = Path(here.place)
    branch = _said(git.branch(root))
    remote, merge = (_said(git.setting(root, f"branch.{branch}.{name}")) if branch else "" for name in ("remote", "merge"))
    if not merge or remote in ("", "."):
        remotes = _said(git.remotes(root)).split()
        return replace(here, remote="origin" if "origin" in remotes else next(iter(remotes), ""))
    address = _said(git.remote_address(root, remote)) or remote
    return Origin("upstream", address, merge.removeprefix("refs/heads/"), "", here.subfolder, here.head, here.root, remote)


def _said(command: Command) -> str:
    outcome = process.run(command)
    return outcome.output.strip() if outcome.status == 0 else ""
