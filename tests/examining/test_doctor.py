"""What a machine lacks is named, with the step that needs it and how to get it; what it has is not guessed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ferrata.pages.health import health_page
from ferrata.pages.json import plain
from ferrata.pages.terminal import to_text
from ferrata.programs import uv
from ferrata.records.health import Check
from ferrata.steps.examining import examine, machine, programs, project_checks
from ferrata.world import process


def checks(folder: Path, project: Path | None = None) -> dict[str, Check]:
    return {check.name: check for check in examine(folder, project)}


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with what is put there, and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_this_machine_has_what_the_tests_need(tmp_path: Path) -> None:
    found = checks(tmp_path)
    assert found["Python"].found.startswith(".".join(map(str, sys.version_info[:3])))
    assert found["git"].state == found["uv"].state == "ok"
    page = health_page(tuple(found.values()), None)
    json.dumps(plain(page.data), allow_nan=False)
    assert page.status == (0 if page.data["ready"] else 1)
    assert all(check.todo for check in found.values() if check.state in ("missing", "low"))


def test_no_git(only: Path, tmp_path: Path) -> None:
    program(only, "apt-get", "exit 0")
    found = checks(tmp_path)
    assert found["git"].state == "missing" and found["git"].is_in_the_way
    assert found["git"].todo == "sudo apt-get install git" or sys.platform == "darwin"
    page = health_page(tuple(found.values()), None)
    assert page.status == 1 and "git" in page.title and found["git"].todo in to_text(page)


def test_a_git_that_is_too_old(only: Path, tmp_path: Path) -> None:
    program(only, "git", "echo git version 2.17.1")
    found = checks(tmp_path)["git"]
    assert found.state == "missing" and "2.17.1, which is older than 2.31" in found.found


def test_a_container_tool_that_does_not_answer(only: Path, tmp_path: Path) -> None:
    program(only, "docker", "exit 1")
    found = checks(tmp_path)["container tool"]
    assert (found.state, found.is_in_the_way) == ("missing", False) and "docker, which does not answer" in found.found


def test_a_container_tool_that_answers(only: Path, tmp_path: Path) -> None:
    program(only, "podman", "echo podman version 5.2.1")
    found = checks(tmp_path)["container tool"]
    assert (found.state, found.found) == ("ok", "podman 5.2.1")


def test_no_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.chdir(tmp_path)
    found = checks(tmp_path)["git identity"]
    assert found.state in ("note", "ok") and (found.state == "ok" or "git config --global" in found.todo)


def test_a_small_memory_and_a_limit_of_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_memory_limit", lambda: 1 << 30)
    monkeypatch.setattr(machine, "_free_memory", lambda: 0)
    found = machine._memory(64 << 30)
    assert found.state == "low" and "a limit of this container" in found.found


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**12, 10**12, 10**8))  # type: ignore[attr-defined]
    found = [check for check in examine(tmp_path, None) if check.name.startswith("disk")]
    assert found and all(check.is_in_the_way and "100 MB free" in check.found for check in found)


def test_an_architecture_without_wheels_and_one_without_avx(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine._processor("riscv64", "", 4).state == "low"
    monkeypatch.setattr(machine, "_flags", lambda: {"sse4_2"})
    assert "without AVX" in machine._processor("x86_64", "", 1).found


def test_how_to_install_where_no_package_manager_is_known(only: Path) -> None:
    assert "git" in programs.how_to_install("git")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "dvc.yaml").write_text("stages: {}\n")
    (folder / "pyproject.toml").write_text('[project]\nname = "p"\nversion = "0"\nrequires-python = ">=3.11"\n')
    return folder


def test_a_project_whose_python_is_not_here(project: Path) -> None:
    (project / ".python-version").write_text("3.99\n")
    found = {check.name: check for check in project_checks(project)}["the project's Python"]
    assert found.is_in_the_way and found.todo == "uv python install 3.99"


def test_a_project_whose_environment_is_not_its_lock(project: Path) -> None:
    def environment() -> str:
        return {check.name: check for check in project_checks(project)}.get("the project's environment", Check("", "", "none", "")).state

    assert environment() == "none"
    process.run(uv.lock(project), check=True)
    assert environment() == "note"
    process.run(uv.sync(project), check=True)
    assert environment() == "ok"
    site = next((project / ".venv" / "lib").glob("python*")) / "site-packages" / "extra-1.0.dist-info"
    site.mkdir()
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    (site / "RECORD").write_text("")
    assert environment() == "low"


def test_a_remote_whose_library_is_not_installed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".dvc").mkdir()
    (project / ".dvc" / "config").write_text("['remote \"a\"']\n    url = s3://bucket/x\n['remote \"b\"']\n    url = /mnt/b\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = {check.name: check for check in project_checks(project)}
    assert found["remote a"].is_in_the_way and found["remote a"].todo == "pip install 'ferrata[s3]'"
    assert found["remote b"].state == "ok"
