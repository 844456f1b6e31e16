"""git: every function builds a `Command`; `world.process.run` runs it.

What the user's own configuration would change in the bytes of a project (line endings, filters such as notebook strippers, ignored names)
or would make wait for a person (hooks, signing) is switched off for these commands alone; the delivered repository keeps none of it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ferrata.errors import ProgramMissing
from ferrata.records.command import Command

SECONDS = 120.0
CLONE_SECONDS = 3600.0
FALLBACK_IDENTITY = ("Ferrata", "ferrata@localhost")

# Handed over as variables (git 2.31 and later), so that a command reads as one would type it.
_NEUTRAL = {
    "core.autocrlf": "false", "core.safecrlf": "false", "core.attributesFile": os.devnull, "core.excludesFile": os.devnull,
    "core.hooksPath": os.devnull, "core.fsmonitor": "false", "commit.gpgSign": "false", "gc.auto": "0", "maintenance.auto": "false",
    "init.templateDir": "", "advice.detachedHead": "false",
}
# Where the user may have said who they are; see `world.process` for what every child gets.
_IDENTITY = (
    "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL",
)

_SESSION = ("SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS")


def program() -> str:
    found = shutil.which("git")
    if found is None:
        raise ProgramMissing("git is not installed", todo="Install git (https://git-scm.com/downloads) and run the command again.")
    return found


def _command(folder: Path | None, *arguments: str, why: str = "", settings: Iterable[str] = ()) -> Command:
    options = [part for setting in settings for part in ("-c", setting)]
    return Command((program(), *options, *arguments), folder, environment(os.environ), why, SECONDS)


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What every git command is given over the clean environment; it never asks and speaks English."""
    identity = {name: environ[name] for name in _IDENTITY if name in environ}
    settings = {"GIT_CONFIG_COUNT": str(len(_NEUTRAL))}
    for number, (name, value) in enumerate(_NEUTRAL.items()):
        settings |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **identity, **settings}


def init(folder: Path) -> Command:
    """An empty repository on the branch main; on one that exists it changes nothing."""
    return _command(folder, "init", "--quiet", "--initial-branch", "main", why="Starting the repository")


def add(folder: Path, paths: Iterable[str]) -> Command:
    """Stage exactly these files and folders (relative, posix), whatever the user's global ignore file says."""
    return _command(folder, "add", "--", *(f":(literal){path}" for path in paths), why="Staging files")


def add_all(folder: Path) -> Command:
    """Stage everything that the project's own .gitignore lets in."""
    return _command(folder, "add", "--all", why="Staging files")


def tracked(folder: Path, path: str) -> Command:
    """Names of files in the repository at or below a path, NUL-separated; nothing when there is none."""
    return _command(folder, "ls-files", "-z", "--", f":(literal){path}", why="Looking for the path in Git")


def staged(folder: Path) -> Command:
    """Names of staged files, NUL-separated on standard output."""
    return _command(folder, "diff", "--cached", "--name-only", "-z", why="Reading what is staged")


def identity(folder: Path) -> Command:
    """The committer that git would use, only if somebody configured one; status 128 else."""
    return _command(folder, "var", "GIT_COMMITTER_IDENT", why="Reading the author", settings=("user.useConfigOnly=true",))


def commit(folder: Path, message: str, *, author: tuple[str, str] | None = None) -> Command:
    """Commit what is staged. `author` (name, address) only where the user has configured none."""
    settings = (f"user.name={author[0]}", f"user.email={author[1]}") if author else ()
    return _command(
        folder, "commit", "--quiet", "--no-verify", "--message", message, why=f"Committing: {message}", settings=settings
    )


def commit_tree(folder: Path, tree_of: str, *, parent: str, message: str, author: tuple[str, str] | None = None) -> Command:
    """A commit with the files of another one and this parent; nothing that is checked out changes. Its hash on standard output."""
    settings = (f"user.name={author[0]}", f"user.email={author[1]}") if author else ()
    return _command(folder, "commit-tree", f"{tree_of}^{{tree}}", "-p", parent, "-m", message, why=f"Committing: {message}", settings=settings)


def new_branch(folder: Path, name: str, commit: str) -> Command:
    return _command(folder, "branch", name, commit, why="Naming the branch")


def clone(source: Path, target: Path) -> Command:
    """A complete clone that shares no file with its source."""
    return _command(None, "clone", "--quiet", "--no-hardlinks", "--no-local", "--", str(source), str(target), why="Cloning")


def status(folder: Path) -> Command:
    """Changed and untracked files, one entry per NUL on standard output; nothing when clean."""
    return _command(folder, "status", "--porcelain=v1", "-z", "--untracked-files=all", why="Reading the state of the repository")


def rev_parse(folder: Path, revision: str = "HEAD") -> Command:
    """The commit's full hash on standard output; status 128 where there is none."""
    return _command(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", why="Reading the commit")


def log(folder: Path, *, limit: int = 20) -> Command:
    """`hash NUL subject` lines, newest first."""
    return _command(folder, "log", f"--max-count={limit}", "--format=%H%x00%s", why="Reading the history")


def version() -> Command:
    return _command(None, "--version", why="Looking for git")


def diff(folder: Path, without: Iterable[str] = ()) -> Command:
    """What differs from the last commit in tracked files, binary ones too, but for some paths."""
    left_out = (f":(exclude,literal){path}" for path in without)
    options = ("--binary", "--no-ext-diff", "--no-textconv", "--no-color")
    return _command(folder, "diff", "HEAD", *options, "--", ".", *left_out, why="Reading what is not committed")


def branch(folder: Path) -> Command:
    """The branch's name; status 1 when no branch is checked out."""
    return _command(folder, "symbolic-ref", "--quiet", "--short", "HEAD", why="Reading the branch")


def ancestors(folder: Path) -> Command:
    """The hash of every commit that HEAD comes from, one a line, newest first."""
    return _command(folder, "rev-list", "HEAD", why="Reading the history")


def ignored(folder: Path, paths: Iterable[str]) -> Command:
    """Those of the paths that Git ignores, one a line; status 1 for none."""
    return _command(folder, "check-ignore", "--no-index", "--", *paths, why="Reading what is ignored", settings=("core.quotePath=false",))


def top(folder: Path) -> Command:
    """The folder of the repository; status 128 where there is none."""
    return _command(folder, "rev-parse", "--show-toplevel", why="Looking for the repository")


def setting(folder: Path, name: str) -> Command:
    """The value of a setting; status 1 where it has none."""
    return _command(folder, "config", "--get", name, why="Reading the settings of Git")


def remotes(folder: Path) -> Command:
    """Their names, one a line."""
    return _command(folder, "remote", why="Reading where the branch could be pushed")


def remote_address(folder: Path, name: str) -> Command:
    return _command(folder, "remote", "get-url", name, why="Reading where the branch is pushed")


def count(folder: Path, start: str, end: str) -> Command:
    """How many commits `end` has that `start` has not; status 128 where one is not known here."""
    return _command(folder, "rev-list", "--count", f"{start}..{end}", why="Counting commits")


def remote_branches_with(folder: Path, commit: str) -> Command:
    """The branches of remotes, as last seen here, that have this commit."""
    return _command(folder, "for-each-ref", "--contains", commit, "--format=%(refname:short)", "refs/remotes", why="Reading what is pushed")


def listed(folder: Path) -> Command:
    """Every file of the repository below the folder, NUL-separated."""
    return _command(folder, "ls-files", "-z", why="Reading what is in Git")


def clone_of(address: str, target: Path, *, branch: str = "", folder: Path | None = None) -> Command:
    """A clone as anyone makes it who may read there; `folder` is what a relative address is relative to."""
    chosen = ("--branch", branch) if branch else ()
    return _reaching(_command(folder, "clone", "--quiet", "--no-hardlinks", *chosen, "--", address, str(target), why="Cloning"))


def fetch_commit(folder: Path, source: Path, commit: str) -> Command:
    """One commit and what it comes from, out of a repository on this machine."""
    return replace(_command(folder, "fetch", "--quiet", "--no-tags", "--", str(source), commit, why="Cloning"), timeout=CLONE_SECONDS)


def check_out(folder: Path, commit: str) -> Command:
    return _command(folder, "checkout", "--quiet", "--detach", commit, why="Checking out")


def listed_with_new(folder: Path) -> Command:
    """Every file below the folder that is in the repository, or new and not ignored, NUL-separated and relative to it."""
    return _command(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", why="Reading the files of the project")


def archive(folder: Path, commit: str, target: Path) -> Command:
    """The files of a commit below the folder, as a tar file."""
    return _command(folder, "archive", "--format=tar", "-o", str(target), commit, "--", ".", why="Reading the files of a commit")


def _reaching(command: Command) -> Command:
    """With what a connection to another machine takes from the user's session."""
    session = {name: os.environ[name] for name in _SESSION if name in os.environ}
    return replace(command, environment={**command.environment, **session}, timeout=CLONE_SECONDS)


def commit_time(folder: Path) -> Command:
    """When the last commit was made, in seconds of Unix time."""
    return _command(folder, "show", "--no-patch", "--format=%ct", "HEAD", why="Reading the commit")
