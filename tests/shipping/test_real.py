"""Real engines, a real registry with TLS and a password, a real server over ssh: build, prove, push, ship under load, kill, go back, take away.

Needs root and the packages that tests/shipping/lab.py names; everything listens on 127.0.0.1.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.serving import projects
from tests.shipping import lab as laboratory
from tests.shipping.lab import Lab, Server

from ferrata.programs import uv
from ferrata.world import process
from ferrata.world.loopback import free_port

pytestmark = [
    pytest.mark.ship,
    pytest.mark.skipif(bool(laboratory.lacking()), reason=f"lacks {', '.join(laboratory.lacking())}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="containers in a container need root"),
    pytest.mark.skipif(sys.version_info[:2] != laboratory.python_version(), reason="the base is Debian's Python, and these tests run in another one"),
]
SOURCE = Path(__file__).parents[2] / "src"
CLIENT = Path(__file__).with_name("client.py")
MANIFEST = """[project]
name = "churn"
version = "0.1.0"
requires-python = "=={version}.*"
dependencies = ["pandas", "matplotlib"]

[tool.uv]
package = false

[tool.ferrata.image]
base = "{base}"
repository = "{host}/team/churn"
network = "host"

[tool.ferrata.ship.local]
port = {local}

[tool.ferrata.ship.prod]
host = "root@127.0.0.1"
ssh = {options}
port = {port}
folder = "{folder}"
engine = "podman"
network = "host"
"""


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    archive = Path(request.config.cache.mkdir("base")) / "base.tar"
    laboratory.make_base(archive)
    made = laboratory.write_settings(tmp_path_factory.mktemp("lab"), free_port())
    with laboratory.trusted(made), laboratory.registry(made):
        laboratory.push_base(made, archive)
        yield made
        laboratory.end(made)


@pytest.fixture(scope="module")
def server(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with laboratory.server(lab, tmp_path_factory.mktemp("server"), free_port()) as made:
        yield made


@dataclass(frozen=True)
class Project:
    folder: Path
    lab: Lab
    key: str
    port: int

    def command(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        variables = {"PYTHONPATH": str(SOURCE), "XDG_STATE_HOME": str(self.folder.parent / "state")}
        return [sys.executable, "-m", "ferrata", *arguments], {**os.environ, **self.lab.variables, **variables}

    def ferrata(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        command, variables = self.command(*arguments, "--json")
        ran = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=600)
        assert ran.returncode == status, ran.stdout[-3000:] + ran.stderr[-3000:]
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    def commit(self, words: str) -> None:
        subprocess.run("git add --all && git commit --quiet --allow-empty --message " + words, shell=True, cwd=self.folder, check=True)

    @contextlib.contextmanager
    def called(self, url: str, ca: str = "") -> Iterator[list[dict[str, Any]]]:
        """50 requests a second while the block runs; what became of them is in the list when it has ended."""
        found: list[dict[str, Any]] = []
        body = self.folder.parent / "body.json"
        body.write_text(json.dumps(json.loads((self.folder / "model" / "proof_rows.jsonl").read_text().splitlines()[0])["input"]))
        arguments = [sys.executable, str(CLIENT), url, self.key, str(body), "50", *([ca] if ca else [])]
        client = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            time.sleep(1)
            yield found
            time.sleep(1)
        finally:
            found.append(json.loads(client.communicate()[0]))


@pytest.fixture(scope="module")
def project(lab: Lab, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = projects.table(tmp_path_factory.mktemp("shipped"))
    version, port = ".".join(map(str, sys.version_info[:2])), free_port()
    values = {"base": lab.base, "host": lab.host, "local": free_port(), "port": port, "folder": f"{server.folder}/churn", "options": json.dumps(server.options)}
    (made / "pyproject.toml").write_text(MANIFEST.format(version=version, **values))
    (made / ".python-version").write_text(version)
    (made / ".gitignore").write_text(".venv/\n__pycache__/\n")
    (made / "uv.lock").unlink()
    process.run(uv.lock(made, python=sys.executable), check=True)
    process.run(uv.sync(made, python=sys.executable), check=True)
    subprocess.run("git init -q -b main && git config user.name a && git config user.email a@example.org", shell=True, cwd=made, check=True)
    project = Project(made, lab, "", port)
    assert project.ferrata("serve", "--prove")["outcome"] == "proved"
    key = subprocess.run([made / ".venv/bin/python", "-m", "service", "key", "add", "me"], cwd=made, check=True, capture_output=True, text=True).stdout.strip()
    project.commit("service")
    project = Project(made, lab, key, port)
    project.ferrata("image", "build")
    project.commit("image")
    yield project
    for name in ("prod", "local"):  # what a test that was stopped midway has left running
        command, variables = project.command("ship", "down", name, "--builder", "podman")
        subprocess.run(command, cwd=made, env=variables, capture_output=True, timeout=300)


def test_a_registry_that_refuses_is_told_as_one(project: Project) -> None:
    for program in ("podman", "docker"):  # podman also takes what docker knows
        project.lab.call(program, "logout", project.lab.host)
    try:
        told = project.ferrata("image", "push", "--builder", "podman", status=3)
        assert "refused the login" in told["cause"]["what"] and "podman login" in told["cause"]["todo"]
    finally:
        laboratory.login(project.lab)


def test_what_is_pushed_is_had_by_its_digest_and_made_again_has_the_same_layers(project: Project) -> None:
    pushed = project.ferrata("image", "push", "--builder", "podman")
    assert (pushed["outcome"], pushed["uncommitted"]) == ("pushed", []) and "matplotlib" not in pushed["packages"] and "pandas" in pushed["packages"]
    pinned = f"{pushed['repository']}@{pushed['digest']}"
    project.lab.call("podman", "rmi", "--all", "--force")
    assert project.lab.call("podman", "pull", "--quiet", pinned).returncode == 0
    found = json.loads(project.lab.call("podman", "image", "inspect", pinned).stdout)[0]
    assert found["Id"] == pushed["id"].removeprefix("sha256:")
    assert found["Labels"]["org.opencontainers.image.revision"] == pushed["release"]["commit"] and found["User"] == "10001:10001"
    project.lab.call("podman", "rmi", "--all", "--force")
    again = project.ferrata("image", "build", "--builder", "buildah")
    made = json.loads(project.lab.call("podman", "image", "inspect", again["id"]).stdout)[0]
    assert made["RootFS"]["Layers"] == found["RootFS"]["Layers"]
    listed = json.loads((project.folder / "evidence" / "image.cdx.json").read_text())
    assert {each["name"] for each in listed["components"] if each["type"] == "library"} == set(pushed["packages"])


def test_a_server_gets_a_release_then_another_under_load_and_the_first_again(project: Project, server: Server) -> None:
    first = project.ferrata("ship", "prod")
    ca = str(project.folder / "evidence" / "ca-prod.crt")
    url = f"https://127.0.0.1:{project.port}"
    refused = subprocess.run(["curl", "-s", "--cacert", ca, "-o", "/dev/null", "-w", "%{http_code}", f"{url}/version"], capture_output=True, text=True).stdout
    assert refused == "401"
    project.commit("second")
    with project.called(url, ca) as called:
        second = project.ferrata("ship", "prod")
    assert called[0]["failed"] == 0 and called[0]["sent"] > 100, called
    assert (second["outcome"], second["replaced"]["id"]) == ("shipped", first["release"]["id"])
    with project.called(url, ca) as called:
        back = project.ferrata("rollback", "prod")
    assert called[0]["failed"] == 0 and back["release"]["id"] == first["release"]["id"], called
    assert back["seconds"] < 60
    lines = [json.loads(line) for line in (project.folder / "evidence" / "releases.jsonl").read_text().splitlines()]
    assert [line["act"] for line in lines[-3:]] == ["shipped", "shipped", "rolled-back"]


def test_a_release_that_does_not_start_there_leaves_the_old_one(project: Project, server: Server) -> None:
    project.ferrata("ship", "prod")
    place = project.folder / "pyproject.toml"
    text = place.read_text()
    place.write_text(text.replace('engine = "podman"\n', 'engine = "podman"\nsettings = { rows = "many" }\n'))
    project.commit("broken")
    url, ca = f"https://127.0.0.1:{project.port}", str(project.folder / "evidence" / "ca-prod.crt")
    try:
        with project.called(url, ca) as called:
            told = project.ferrata("ship", "prod", status=1)
    finally:
        place.write_text(text)
        project.commit("mended")
    assert called[0]["failed"] == 0 and "ended as it was starting" in told["cause"]["what"] and "SERVICE_ROWS" in told["cause"]["todo"], (called, told)


def test_killed_again_and_again_something_serves_and_the_next_ship_goes_on(project: Project) -> None:
    project.ferrata("ship", "local", "--builder", "podman")
    status = project.ferrata("ship", "status")
    url = next(each["address"] for each in status["targets"] if each["target"] == "local")
    project.commit("killed")
    command, variables = project.command("ship", "local", "--builder", "podman")
    took = time.monotonic()
    with project.called(url) as called:
        for _ in range(5):
            running = subprocess.Popen(command, cwd=project.folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(random.uniform(1, 14))
            running.send_signal(signal.SIGKILL)
            running.wait()
        last = project.ferrata("ship", "local", "--builder", "podman")
    assert called[0]["failed"] == 0, (called, time.monotonic() - took)
    assert last["outcome"] in ("shipped", "unchanged")
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project.folder, capture_output=True, text=True).stdout.strip()
    assert last["release"]["commit"] == commit
    named = project.lab.call("podman", "ps", "--filter", "label=org.ferrata.ship=local", "--format", "{{.Names}}").stdout.split()
    assert named == [f"churn-{last['release']['number']}"]


def test_down_leaves_nothing(project: Project, server: Server) -> None:
    for name in ("prod", "local"):
        project.ferrata("ship", "down", name, "--builder", "podman")
    assert not Path(f"{server.folder}/churn").exists()
    assert server.call("podman", "ps", "--all", "--quiet").stdout == ""
    status = project.ferrata("ship", "status")
    assert [each["current"] for each in status["targets"]] == [0, 0]


@pytest.mark.skipif(shutil.which("dockerd") is None or shutil.which("docker") is None, reason="needs Docker")
def test_docker_builds_proves_and_pushes_too(project: Project) -> None:
    with laboratory.docker(project.lab):
        laboratory.login(project.lab)
        pushed = project.ferrata("image", "push", "--builder", "docker")
        assert (pushed["outcome"], pushed["engine"]) == ("pushed", "docker")
        pinned = f"{pushed['repository']}@{pushed['digest']}"
        assert project.lab.call("docker", "pull", "--quiet", pinned).returncode == 0
