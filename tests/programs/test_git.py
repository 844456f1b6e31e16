"""git commands as data, then against the real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ferrata.programs import git
from ferrata.records.command import Command
from ferrata.world import process

FOLDER = Path("/project")


def words(command: Command) -> tuple[str, ...]:
    assert command.arguments[0].endswith("git")
    return command.arguments[1:]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(git.init(FOLDER), ("init", "--quiet", "--initial-branch", "main"), id="init"),
        pytest.param(git.add(FOLDER, ["a b.py", "src"]), ("add", "--", ":(literal)a b.py", ":(literal)src"), id="add"),
        pytest.param(git.add(FOLDER, ["*.py"]), ("add", "--", ":(literal)*.py"), id="add: a star is a star"),
        pytest.param(git.add_all(FOLDER), ("add", "--all"), id="add all"),
        pytest.param(git.commit(FOLDER, "Why"), ("commit", "--quiet", "--no-verify", "--message", "Why"), id="commit: the user's own name"),
        pytest.param(
            git.commit(FOLDER, "Why", author=("Ada", "ada@example.org")),
            ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--no-verify", "--message", "Why"),
            id="commit: a name given",
        ),
        pytest.param(
            git.clone(Path("/a"), Path("/b")), ("clone", "--quiet", "--no-hardlinks", "--no-local", "--", "/a", "/b"), id="clone",
        ),
        pytest.param(git.status(FOLDER), ("status", "--porcelain=v1", "-z", "--untracked-files=all"), id="status"),
        pytest.param(git.rev_parse(FOLDER), ("rev-parse", "--verify", "--quiet", "HEAD^{commit}"), id="rev-parse"),
        pytest.param(git.log(FOLDER, limit=3), ("log", "--max-count=3", "--format=%H%x00%s"), id="log"),
    ],
)
def test_the_exact_arguments(command: Command, expected: tuple[str, ...]) -> None:
    assert words(command) == expected


def test_the_environment_carries_who_the_user_is_and_nothing_else_of_git() -> None:
    given = git.environment({"GIT_DIR": "/elsewhere/.git", "GIT_AUTHOR_NAME": "Ada", "XDG_CONFIG_HOME": "/c", "PATH": "/bin"})
    assert given["GIT_AUTHOR_NAME"] == "Ada" and given["XDG_CONFIG_HOME"] == "/c"
    assert "GIT_DIR" not in given and "PATH" not in given
    settings = {given[f"GIT_CONFIG_KEY_{n}"]: given[f"GIT_CONFIG_VALUE_{n}"] for n in range(int(given["GIT_CONFIG_COUNT"]))}
    assert settings["core.autocrlf"] == "false" and settings["commit.gpgSign"] == "false"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "EMAIL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


def test_bytes_survive_a_user_configuration_that_rewrites_them(tmp_path: Path, home: Path) -> None:
    """Line endings, a filter on every notebook, an ignore file that hides it, and a hook that refuses."""
    hooks = home / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    (home / "attributes").write_text("*.ipynb filter=strip\n")
    (home / "ignore").write_text("*.ipynb\n")
    (home / ".gitconfig").write_text(
        "[user]\nname = Ada\nemail = ada@example.org\n[core]\nautocrlf = input\n"
        f"attributesFile = {home}/attributes\nexcludesFile = {home}/ignore\nhooksPath = {hooks}\n"
        '[filter "strip"]\nclean = tr -d e\nrequired = true\n[commit]\ngpgSign = true\n'
    )
    content = b'{"cells": []}\r\nline\r\n'
    project = tmp_path / "project"
    project.mkdir()
    (project / "n.ipynb").write_bytes(content)
    for command in (git.init(project), git.add(project, ["n.ipynb"]), git.commit(project, "One")):
        process.run(command, check=True)
    process.run(git.clone(project, tmp_path / "copy"), check=True)
    assert (tmp_path / "copy" / "n.ipynb").read_bytes() == content
    assert process.run(git.status(project)).output == ""
    author = subprocess.run(["git", "log", "--format=%an %ae"], cwd=project, capture_output=True, text=True, check=True)
    assert author.stdout.strip() == "Ada ada@example.org"


def test_identity_is_asked_for_without_guessing(tmp_path: Path, home: Path) -> None:
    process.run(git.init(tmp_path), check=True)
    assert process.run(git.identity(tmp_path)).status == 128
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
    assert process.run(git.identity(tmp_path)).status == 0


def test_the_new_repository_keeps_no_setting_of_ours(tmp_path: Path, home: Path) -> None:
    process.run(git.init(tmp_path), check=True)
    assert "autocrlf" not in (tmp_path / ".git" / "config").read_text()


def test_what_git_ignores_is_named(tmp_path: Path) -> None:
    process.run(git.init(tmp_path), check=True)
    (tmp_path / ".gitignore").write_text("/model ä\n*.log\n")
    outcome = process.run(git.ignored(tmp_path, ["model ä", "a.log", "code.py"]))
    assert (outcome.status, outcome.output.splitlines()) == (0, ["model ä", "a.log"]), outcome.error
    assert process.run(git.ignored(tmp_path, ["code.py"])).status == 1
