"""Workflows: valid by their schemas, without a finding of an auditor, careful with tokens, and their steps do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.comparing.conftest import Place, place  # noqa: F401  # a fixture

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
        assert writes == ({"pull-requests", "statuses"} if name == "post" else set())
        assert ("ferrata run" in runs or "ferrata verify" in runs or "ferrata gate" in runs) == (name != "post")
        secrets = [step for step in job["steps"] if "secrets." in json.dumps(step)]
        assert all(step["run"].startswith("ferrata report --post") or "id_ed25519" in step["run"] for step in secrets)
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
    schema = ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"] if forge == "gitlab" else ["vendor.github-workflows"]
    checked = subprocess.run([workflows_python.with_name("check-jsonschema"), "--builtin-schema", *schema, *files], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    if forge == "github":
        audited = subprocess.run([workflows_python.with_name("zizmor"), "--offline", "--min-severity", "medium", *files], capture_output=True, text=True)
        assert audited.returncode == 0 and "No findings" in audited.stdout, audited.stdout + audited.stderr


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


def steps_of(job: Any) -> list[tuple[str, dict[str, str]]]:
    return [(step["run"], step.get("env", {})) for step in job["steps"] if "run" in step and "uv tool install" not in step["run"]]


@pytest.mark.slow
def test_the_steps_of_a_pull_request_run_in_order_in_a_clean_clone(place: Place, tmp_path: Path, science_python: Path) -> None:  # noqa: F811
    """A parameter is changed on a branch; the steps of the compare job say worse, and keep the page that the post job would post."""
    ci("github", folder=place.project)
    place.commit("with a workflow")
    place.git("checkout", "-q", "-b", "try")
    place.run(bias="3.0")
    place.commit("try")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--branch", "try", place.project, clone], check=True)
    (clone / ".venv").symlink_to(science_python.parent.parent)
    cache = place.project / ".dvc" / "cache"
    (clone / ".dvc" / "config.local").write_text(f"[cache]\n    dir = {cache}\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ferrata").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ferrata "$@"\n')
    (programs / "ferrata").chmod(0o755)
    source = str(Path(__file__).parents[2] / "src")
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": source}
    job = yaml.safe_load((clone / ".github" / "workflows" / "ferrata.yml").read_text())["jobs"]["compare"]
    statuses = []
    for script, variables in steps_of(job):
        given = {name: value.replace("${{ github.base_ref }}", "main") for name, value in variables.items()}
        statuses.append(subprocess.run(["bash", "-e", "-c", script], cwd=clone, env={**environment, **given}, capture_output=True, text=True).returncode)
    assert statuses == [0, 1], "the results are brought up to date; the gate says no"
    kept = json.loads((clone / "evidence" / "compare.json").read_text())
    assert kept["verdict"] == "worse" and kept["passes"] is False and (clone / "evidence" / "compare.html").exists()
