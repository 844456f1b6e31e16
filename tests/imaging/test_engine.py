"""Which engine is taken, and what a registry's refusal is told as. The programs are scripts of a folder on PATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from ferrata.errors import OutsideError, ProgramMissing
from ferrata.programs.engines import Engine
from ferrata.records.command import Command, Outcome
from ferrata.steps.imaging.engine import choose, digest_in, host_of, not_built, refusal, repository_of

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(folder: Path, name: str, script: str = "exit 0") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_without_an_engine_it_is_said_what_to_install(programs: Path) -> None:
    with pytest.raises(ProgramMissing, match="no container engine") as refused:
        choose()
    assert "podman" in refused.value.todo
    with pytest.raises(ProgramMissing, match="podman is not installed"):
        choose("podman")


def test_a_docker_whose_daemon_is_away_is_passed_over(programs: Path) -> None:
    program(programs, "docker", "echo Cannot connect to the Docker daemon >&2; exit 1")
    with pytest.raises(OutsideError, match="docker cannot be used") as refused:
        choose()
    assert "Cannot connect" in refused.value.todo
    program(programs, "podman")
    assert choose() == Engine("podman", "podman")


def test_docker_is_first_and_says_whether_it_has_buildkit(programs: Path) -> None:
    program(programs, "docker", '[ "$1" != buildx ]')
    program(programs, "podman")
    assert choose() == Engine("docker", "docker", False)
    program(programs, "docker")
    assert choose() == Engine("docker", "docker", True)


def test_buildah_alone_cannot_prove(programs: Path) -> None:
    program(programs, "buildah")
    with pytest.raises(ProgramMissing, match="podman"):
        choose()


@pytest.mark.parametrize(
    ("reference", "repository"),
    [("python:3.12-slim", "docker.io/library/python"), ("me/app", "docker.io/me/app"), ("localhost/churn:1", "localhost/churn"),
     ("127.0.0.1:5000/team/app:1.2", "127.0.0.1:5000/team/app"), (f"ghcr.io/a/b@{ONE}", "ghcr.io/a/b")],
)  # fmt: skip
def test_references_are_written_out(reference: str, repository: str) -> None:
    assert repository_of(reference) == repository and host_of(reference) == repository.partition("/")[0]


def test_the_digest_is_that_of_the_repository_asked_for() -> None:
    assert digest_in({"RepoDigests": [f"other.org/python@{TWO}", f"python@{ONE}"]}, "python:3.12-slim") == ONE
    assert digest_in({"RepoDigests": None}, "python:3.12-slim") == ""


@pytest.mark.parametrize(
    ("told", "says", "todo"),
    [("unauthorized: authentication required", "refused the login", "docker login registry.example.org"),
     ("denied: requested access to the resource is denied", "refused the login", "docker login"),
     ("x509: certificate signed by unknown authority", "certificate of registry.example.org is not trusted", "/etc/docker/certs.d/registry.example.org/ca.crt"),
     ("connection refused", "not pushed", "connection refused")],
)  # fmt: skip
def test_a_refusal_says_what_to_do(told: str, says: str, todo: str) -> None:
    error = refusal(Outcome(Command(("docker", "push")), 1, "", told, 0.1), "The image was not pushed", "registry.example.org/team/app:1")
    assert says in error.what and todo in error.todo


@pytest.mark.parametrize(("error", "is_gone"), [("reading manifest sha256:12 in a/python: manifest unknown", True), ("pip: no space left on device", False)])
def test_a_base_that_is_gone_is_told_as_one(error: str, is_gone: bool) -> None:
    told = not_built(Outcome(Command(("podman", "build")), 125, "", error, 0.0), Path("Dockerfile"))
    assert told.what == "podman could not build the image" and error in told.todo and ("--fresh-base" in told.todo) == is_gone
