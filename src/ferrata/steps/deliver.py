"""Deliver: the staged files become a few small commits, and the project appears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ferrata.programs import git
from ferrata.world import process, staging


@dataclass(frozen=True)
class CommitSpec:
    """One commit: `files` are files and folders in the project (relative, posix); () means all that is left, as .gitignore lets it in."""

    message: str
    files: tuple[str, ...] = ()


def deliver(commits: Sequence[CommitSpec], staged: Path, target: Path) -> None:
    """Commit what is not committed yet, then let the project appear at `target` by one atomic rename.

    Errors: ProjectError when the target is taken; OutsideError when git or the disk fails.
    """
    commit(commits, staged)
    staging.publish(staged, target)


def commit(commits: Sequence[CommitSpec], folder: Path) -> None:
    """Make the commits in order, in a repository begun here if there is none. One that would change nothing is left out."""
    process.run(git.init(folder), check=True)
    author = None if process.run(git.identity(folder)).status == 0 else git.FALLBACK_IDENTITY
    for each in commits:
        process.run(git.add(folder, each.files) if each.files else git.add_all(folder), check=True)
        if process.run(git.staged(folder), check=True).output:
            process.run(git.commit(folder, each.message, author=author), check=True)
