"""Workflows: valid by their schemas, without a finding of an auditor, careful with tokens, and their steps do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.automating.audit import assert_nothing_is_found
from tests.comparing.conftest import Place, place  # noqa: F401  # a fixture
from tests.reporting.test_forges import Fake, serve  # noqa: F401  # a fixture

from ferrata.errors import ProjectError
from ferrata.flow.automating import FORGES, ci, workflow_of
from ferrata.steps.automating.setting import Setting, setting_of

REMOTES = ("s3", "gs", "azure", "ssh", "folder", "")
CASES = [(forge, remote) for forge in FORGES for remote in REMOTES]


def made(forge: str, remote: str) -> tuple[str, str, str]:
    """(path, text, page)."""
    found = workflow_of(forge, Setting("main", remote, "ferrata==0.1.0"))
    (path, text), (_, page) = found.files.items()
    return path, text, page


@pytest.mark.parametrize(("forge", "remote"), CASES)
def test_every_action_is_pinned_by_commit_with_its_version(forge: str, remote: str) -> None:
    _, text, page = made(forge, remote)
    uses = re.findall(r"\buses: (.*)", text)
    assert all(re.fullmatch(r"(https://github\.com/)?[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in uses)
    assert yaml.safe_load(text) and "ferrata==0.1.0" in text and "## What it needs from you" in page
    assert not re.search(r"\$\{\{[^}]*\}\}", "\n".join(re.findall(r"run: (.*)", text))), "nothing that others write is pasted into a shell"


@pytest.mark.parametrize("remote", REMOTES)
def test_who_may_write_runs_no_code_of_the_pull_request(remote: str) -> None:
    workflow = yaml.safe_load(made("github", remote)[1])
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        writes = {right for right, what in job["permissions"].items() if what == "write"} - {"id-token"}
        runs = " ".join(step.get("run", "") for step in job["steps"])
        assert writes == ({"contents", "pull-requests", "statuses"} if name == "post" else set())
        assert ("ferrata run" in runs or "ferrata verify" in runs or "ferrata gate" in runs) == (name != "post")
        secrets = [step for step in job["steps"] if "secrets." in json.dumps(step)]
        assert all(step["run"] == "ferrata report --post --kept" or "id_ed25519" in step["run"] for step in secrets)
        assert all(step["with"]["persist-credentials"] is False for step in job["steps"] if "checkout" in step.get("uses", ""))
    assert ("publish" in workflow["jobs"]) == (remote in ("s3", "gs", "azure", "ssh"))
    if "publish" in workflow["jobs"]:
        assert workflow["jobs"]["publish"]["if"] == "github.event_name == 'push'"


@pytest.mark.slow
@pytest.mark.parametrize("forge", FORGES)
def test_the_schemas_and_the_auditor_find_nothing(forge: str, workflows_python: Path, tmp_path: Path) -> None:
    files = []
    for remote in REMOTES:
        path, text, _ = made(forge, remote)
        files.append(tmp_path / (remote or "none") / path)
        files[-1].parent.mkdir(parents=True)
        files[-1].write_text(text)
    assert_nothing_is_found(forge, files, workflows_python)


def test_a_file_of_somebody_else_is_left_alone(place: Place) -> None:  # noqa: F811
    theirs = place.project / ".gitlab-ci.yml"
    theirs.write_text("build: {script: make}\n")
    with pytest.raises(ProjectError, match="nothing was written"):
        ci("gitlab", folder=place.project)
    assert theirs.read_text() == "build: {script: make}\n" and not (place.project / "docs").exists()
    ci("github", folder=place.project)
    assert ci("github", folder=place.project).data["files"] == [".github/workflows/ferrata.yml", "docs/ci.md"], "ours is written again"


def test_what_the_project_is_is_read_from_what_is_in_git(place: Place) -> None:  # noqa: F811
    from ferrata.store.config import set_value

    assert setting_of(place.project).remote == ""
    set_value(place.project / ".dvc" / "config", 'remote "here"', "url", "s3://bucket/place")
    set_value(place.project / ".dvc" / "config", "core", "remote", "here")
    found = setting_of(place.project)
    assert (found.remote, found.branch) == ("s3", "main") and re.fullmatch(r"ferrata\[s3\]==\d+\.\d+\.\d+", found.package)


def run_steps(job: Any) -> list[tuple[str, dict[str, str]]]:
    return [(step["run"], step.get("env", {})) for step in job["steps"] if "run" in step]


def with_key(forge: str, verb: str) -> tuple[str, str]:
    """(the script that gives `ferrata pull` or `push` its key over SSH, the name of the variable that the key is in)."""
    workflow = yaml.safe_load(made(forge, "ssh")[1])
    if forge == "gitlab":
        lines = workflow["publish"]["script"]
        end = next(number for number, line in enumerate(lines) if f"ferrata {verb}" in line)
        start = max(number for number, line in enumerate(lines[:end]) if line.startswith("keys="))
        return "\n".join(lines[start : end + 2]), "SSH_KEY_WRITE"
    script, variables = next(each for each in run_steps(workflow["jobs"]["publish"]) if f"ferrata {verb}" in each[0])
    assert variables["SSH_KEY"] == "${{ secrets.SSH_KEY_WRITE }}"
    return script, "SSH_KEY"


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("verb", ["pull", "push"])
@pytest.mark.parametrize("forge", FORGES)
def test_a_key_is_in_a_home_of_its_own_for_one_command_alone(forge: str, verb: str, fails: bool, tmp_path: Path) -> None:
    """Nobody else may read it, it is gone afterwards, and the keys of whose machine the runner is are left alone."""
    home, programs, key = tmp_path / "home", tmp_path / "bin", tmp_path / "key"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text("mine")
    programs.mkdir()
    seen = tmp_path / "seen"
    (programs / "ferrata").write_text(f'#!/bin/sh\nstat -c "%a %n" "$HOME"/.ssh/* > {seen}\ncat "$HOME"/.ssh/* >> {seen}\nexit {3 if fails else 0}\n')
    (programs / "ferrata").chmod(0o755)
    key.write_text("k3y\n")
    script, name = with_key(forge, verb)
    given = {name: str(key) if forge == "gitlab" else "k3y", "SSH_KNOWN_HOSTS": "host key", "HOME": str(home), "TMPDIR": str(tmp_path)}
    environment = {**os.environ, **given, "PATH": f"{programs}:{os.environ['PATH']}"}
    outcome = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], env=environment, capture_output=True, text=True)
    assert (outcome.returncode != 0) == fails, outcome.stderr
    lines = seen.read_text().splitlines()
    assert [line.partition(" ")[0] for line in lines if line.endswith("id_ed25519")] == ["600"] and lines[-2:] == ["k3y", "host key"]
    kept = Path(lines[0].partition(" ")[2]).parents[1]
    assert not kept.exists() and (home / ".ssh" / "id_ed25519").read_text() == "mine" and len(list((home / ".ssh").iterdir())) == 1


@pytest.mark.parametrize("right", ["READ", "WRITE"])
def test_gitlab_s_jobs_are_known_to_google_by_what_its_library_reads(right: str, tmp_path: Path) -> None:
    """The file of an external account, as google.auth has it."""
    lines = yaml.safe_load(made("gitlab", "gs")[1])["publish" if right == "WRITE" else "verify"]["script"]
    script = "\n".join([*lines[: lines.index("ferrata pull")], 'cat "$GOOGLE_APPLICATION_CREDENTIALS"'])
    given = {"CLOUD_TOKEN": "t0ken", "GCP_PROVIDER": "projects/1/x", f"GCP_ACCOUNT_{right}": "a@b.example", "TMPDIR": str(tmp_path)}
    outcome = subprocess.run(["bash", "-e", "-u", "-c", script], env={**os.environ, **given}, capture_output=True, text=True, check=True)
    account = json.loads(outcome.stdout)
    assert (account["type"], account["audience"]) == ("external_account", "//iam.googleapis.com/projects/1/x")
    assert account["service_account_impersonation_url"].endswith("/serviceAccounts/a@b.example:generateAccessToken")
    assert Path(account["credential_source"]["file"]).read_text() == "t0ken"


def programs_of(folder: Path) -> dict[str, str]:
    """An environment whose `ferrata` is this one, where the step before would have installed it."""
    folder.mkdir()
    (folder / "ferrata").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ferrata "$@"\n')
    (folder / "ferrata").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(Path(__file__).parents[2] / "src")}


def cloned(place: Place, folder: Path, python: Path) -> Path:  # noqa: F811
    subprocess.run(["git", "clone", "-q", "--branch", "try", place.project, folder], check=True)
    (folder / ".venv").symlink_to(python.parent.parent)
    (folder / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {place.project / '.dvc' / 'cache'}\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("forge", ["github", pytest.param("forgejo", marks=pytest.mark.more)])
def test_the_steps_of_a_pull_request_run_in_order_in_clean_clones(
    forge: str, place: Place, tmp_path: Path, science_python: Path, serve: Any  # noqa: F811
) -> None:
    """A parameter is changed on a branch: the compare job says worse and keeps the page, the post job posts it, with drawings and a status."""
    fake: Fake = serve(forge)
    ci(forge, folder=place.project)
    place.commit("with a workflow")
    place.git("checkout", "-q", "-b", "try")
    place.run(bias="3.0")
    place.commit("try")
    jobs = yaml.safe_load((place.project / made(forge, "")[0]).read_text())["jobs"]
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": "abc"}}}))
    there = {"GITHUB_API_URL": fake.url, "GITHUB_REPOSITORY": "me/it", "GITHUB_SERVER_URL": "https://forge.example", "GITHUB_EVENT_PATH": str(event),
             "GITHUB_REF": "refs/pull/7/merge", **({"FORGEJO_ACTIONS": "true"} if forge == "forgejo" else {})}  # fmt: skip
    environment = {**{name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}, **programs_of(tmp_path / "bin"), **there}
    values = {"${{ github.base_ref }}": "main", "${{ secrets.GITHUB_TOKEN }}": "t0ken"}
    statuses = {}
    for name in ("compare", "post"):
        clone = cloned(place, tmp_path / name, science_python)
        if name == "post":
            # What is uploaded, and downloaded.
            shutil.copytree(tmp_path / "compare" / "evidence", clone / "evidence", ignore=shutil.ignore_patterns("noise.json"))
        for script, variables in run_steps(jobs[name]):
            if "uv tool install" in script:
                continue
            given = {key: values.get(value, value).replace("${{ github.base_ref }}", "main") for key, value in variables.items()}
            done = subprocess.run(["bash", "-e", "-c", script], cwd=clone, env={**environment, **given}, capture_output=True, text=True)
            statuses[script] = (done.returncode, done.stdout + done.stderr)
    assert [status for status, _ in statuses.values()] == [0, 1, 0], statuses
    kept = json.loads((tmp_path / "compare" / "evidence" / "compare.json").read_text())
    assert kept["verdict"] == "worse" and kept["passes"] is False and "<svg" in (tmp_path / "compare" / "evidence" / "compare.html").read_text()
    assert len(fake.comments) == 1 and "It may not go in" in fake.comments[1] and fake.statuses[-1]["state"] == "failure"
    commit = fake.shelf.heads["ferrata-reports"]
    assert fake.comments[1].count(f"/{commit}/") == 3
