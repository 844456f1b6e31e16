"""A pull request on a sample project, whole: Ferrata is installed from a wheel, every job runs as its forge would run it, and the page is read back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.automating.test_ci import run_steps
from tests.comparing.conftest import Place, place  # noqa: F401  # a fixture
from tests.reporting.test_forges import Fake, serve  # noqa: F401  # a fixture

from ferrata.flow.automating import ci
from ferrata.programs.uv import program

PYPROJECT = """
[project]
name = "people"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["pandas", "pyarrow"]
"""
WORSE = "the main score is worse beyond noise"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ferrata, as it would be released."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(Path(__file__).parents[2])]
    subprocess.run(words, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture
def shared(place: Place, tmp_path: Path) -> Place:  # noqa: F811
    """A project with a lock, whose data is shared, and a branch on which a parameter makes it worse."""
    project = place.project
    (project / ".venv").unlink()
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / ".python-version").write_text("{}.{}\n".format(*sys.version_info))
    subprocess.run([program(), "sync", "-q", "--python", sys.executable], cwd=project, check=True)
    ferrata(project, "remote", "add", str(tmp_path / "shared"))
    place.run()
    return place


def ferrata(folder: Path, *words: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    subprocess.run([sys.executable, "-m", "ferrata", *words], cwd=folder, env=environment, check=True, capture_output=True)


def changed(place: Place, forge: str) -> None:  # noqa: F811
    ci(forge, folder=place.project)
    place.commit("with a workflow")
    place.git("checkout", "-q", "-b", "try")
    place.run(bias="3.0")
    place.commit("try")
    ferrata(place.project, "push")


def clean(folder: Path, project: Path) -> Path:
    """A clone with nothing else. That the folder of shared data can be reached is what a key does elsewhere."""
    subprocess.run(["git", "clone", "-q", "--branch", "try", project, folder], check=True)
    ferrata(folder, "pull")
    return folder


@pytest.mark.more
@pytest.mark.slow
def test_github_every_job_of_a_pull_request(shared: Place, tmp_path: Path, serve: Any, wheel: Path) -> None:  # noqa: F811
    fake: Fake = serve("github")
    changed(shared, "github")
    workflow = yaml.safe_load((shared.project / ".github" / "workflows" / "ferrata.yml").read_text())
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": "abc"}}}))
    there = {
        "GITHUB_API_URL": fake.url, "GITHUB_REPOSITORY": "me/it", "GITHUB_SERVER_URL": "https://forge.example", "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REF": "refs/pull/7/merge", **workflow["env"], "FERRATA": str(wheel),
    }  # fmt: skip
    values = {"${{ secrets.GITHUB_TOKEN }}": "t0ken"}
    statuses = {}
    for name in ("verify", "compare", "post"):
        clone = clean(tmp_path / name, shared.project)
        tools = {"UV_TOOL_DIR": str(tmp_path / f"{name}-tools"), "UV_TOOL_BIN_DIR": str(tmp_path / f"{name}-bin")}
        path = f"{tmp_path / f'{name}-bin'}:{Path(program()).parent}:{os.environ['PATH']}"
        if name == "post":
            shutil.copytree(tmp_path / "compare" / "evidence", clone / "evidence")  # what is uploaded, and downloaded
        for script, variables in run_steps(workflow["jobs"][name]):
            given = {key: values.get(value, value).replace("${{ github.base_ref }}", "main") for key, value in variables.items()}
            environment = {**os.environ, **there, **tools, **given, "PATH": path}
            done = subprocess.run(["bash", "-e", "-c", script], cwd=clone, env=environment, capture_output=True, text=True)
            statuses[name, script.split("\n")[0]] = (done.returncode, done.stdout + done.stderr)
    assert [status for status, _ in statuses.values()] == [0, 0, 0, 0, 1, 0, 0], statuses
    _read_back(fake, tmp_path / "compare")


def _read_back(fake: Fake, folder: Path) -> None:
    """The verdict in the artifact and in the comment, whose drawings are named by the commit that has them."""
    kept = json.loads((folder / "evidence" / "compare.json").read_text())
    assert (kept["verdict"], kept["passes"], kept["reasons"]) == ("worse", False, [WORSE])
    assert "<svg" in (folder / "evidence" / "compare.html").read_text()
    assert len(fake.comments) == 1 and f"It may not go in: {WORSE}" in fake.comments[1]
    commit = fake.shelf.heads["ferrata-reports"]
    assert fake.comments[1].count(f"/{commit}/") == 3 and fake.statuses[-1]["state"] in ("failure", "failed")


@pytest.fixture(scope="session")
def gitlab_ci_local(request: pytest.FixtureRequest) -> Path:
    """The program that runs GitLab's jobs."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = Path(request.config.cache.mkdir("gitlab-ci-local"))
    found = folder / "node_modules" / ".bin" / "gitlab-ci-local"
    if not found.exists():
        done = subprocess.run([npm, "install", "--silent", "--prefix", str(folder), "gitlab-ci-local@4.61.1"], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm cannot install gitlab-ci-local: {done.stderr[-200:]}")
    return found


@pytest.mark.more
@pytest.mark.slow
def test_gitlab_runs_its_jobs(shared: Place, tmp_path: Path, serve: Any, wheel: Path, gitlab_ci_local: Path) -> None:  # noqa: F811
    fake: Fake = serve("gitlab")
    changed(shared, "gitlab")
    clone = clean(tmp_path / "clone", shared.project)
    for words in (("remote", "set-url", "origin", "https://gitlab.example/me/it.git"),
                  ("config", f"url.{shared.project}.insteadOf", "https://gitlab.example/me/it.git")):  # fmt: skip
        subprocess.run(["git", *words], cwd=clone, check=True)
    given = {
        "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_IID": "7", "GITLAB_TOKEN": "t0ken",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5", "CI_PROJECT_ID": "5", "CI_API_V4_URL": fake.url, "CI_PROJECT_URL": "https://gitlab.example/me/it",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "abc", "FERRATA": str(wheel),
    }  # fmt: skip
    words = [gitlab_ci_local, "--force-shell-executor", "--no-color", *(word for name, value in given.items() for word in ("--variable", f"{name}={value}"))]
    outcomes = {}
    for job in ("verify", "compare", "post"):  # one after the other: here they share a folder, there each has its own
        done = subprocess.run([*words, job], cwd=clone, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)})
        outcomes[job] = (done.returncode, done.stdout + done.stderr)
    assert [status for status, _ in outcomes.values()] == [0, 1, 0], outcomes
    _read_back(fake, clone)
