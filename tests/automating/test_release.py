"""The job that ships: only where there is a target, on the main branch, after a verdict; its secrets are for it alone, and its steps do what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.automating.audit import assert_nothing_is_found
from tests.comparing.conftest import Place, place  # noqa: F401  # a fixture
from tests.serving.projects import CHURN, signature

from ferrata.errors import ProjectError
from ferrata.flow.automating import FORGES, ci, workflow_of
from ferrata.records.shipping import Target
from ferrata.steps.automating.setting import Setting

SERVER = Target("production", "server", "/srv/churn-production", host="deploy@api.example.org", domain="api.example.org", model="churn")
CLUSTER = Target("cluster", "kubernetes", "/t", namespace="churn", context="prod", model="churn")
CASES = [
    (SERVER, "s3", "registry.example.org/team/churn"), (SERVER, "", ""), (CLUSTER, "ssh", "ghcr.io/team/churn"), (CLUSTER, "gs", "registry.example.org/churn"),
]  # fmt: skip
ON_FORGES = [(forge, *case) for forge in FORGES for case in CASES]


def made(forge: str, target: Target | None, remote: str, repository: str) -> dict[str, str]:
    return workflow_of(forge, Setting("main", remote, "ferrata==0.1.0", target, repository)).files


def job(forge: str, target: Target, remote: str, repository: str) -> dict[str, Any]:
    text = next(iter(made(forge, target, remote, repository).values()))
    found = yaml.safe_load(text)
    return dict(found["release"] if forge == "gitlab" else found["jobs"]["release"])


@pytest.mark.parametrize("forge", FORGES)
def test_without_a_target_nothing_is_shipped(forge: str) -> None:
    assert not any("ferrata ship" in text or "release:" in text for text in made(forge, None, "s3", "").values())


@pytest.mark.parametrize(("forge", "target", "remote", "repository"), ON_FORGES)
def test_it_comes_after_a_verdict_on_the_main_branch_alone(forge: str, target: Target, remote: str, repository: str) -> None:
    found = job(forge, target, remote, repository)
    if forge == "gitlab":
        assert found["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}] and found["environment"]["name"] == target.name
        scripts = found["script"]
        assert found["resource_group"] == f"ferrata-ship-{target.name}" and found["interruptible"] is False
    else:
        assert found["if"] == "github.event_name == 'push'" and found["concurrency"]["cancel-in-progress"] is False
        scripts = [step["run"] for step in found["steps"] if "run" in step]
    assert found["needs"] in ("verify", "publish", ["verify"], ["publish"])
    order = [number for number, script in enumerate(scripts) if "ferrata gate" in script or "ferrata ship" in script]
    assert len(order) == 2 and "ferrata gate" in scripts[order[0]] and scripts[order[1]].rstrip().endswith(f"ferrata ship {target.name}")
    assert "--yes" not in "".join(scripts), "nothing is installed on a server that nobody agreed to"


@pytest.mark.parametrize(("target", "remote", "repository"), CASES)
def test_its_secrets_are_for_one_step_each_and_it_may_write_nothing_else(target: Target, remote: str, repository: str) -> None:
    workflow = yaml.safe_load(made("github", target, remote, repository)[".github/workflows/ferrata.yml"])
    found = workflow["jobs"]["release"]
    writes = {right for right, what in found["permissions"].items() if what == "write"} - {"id-token"}
    assert writes == ({"packages"} if repository.startswith("ghcr.io/") else set()) and found["environment"]["name"] == target.name
    text = json.dumps(found)
    assert not re.search(r"\$\{\{", "".join(step.get("run", "") for step in found["steps"])) and "persist-credentials\": true" not in text
    own = {"DEPLOY_KEY", "KUBE_CONFIG", "SERVICE_KEYS", "REGISTRY_PASSWORD"}
    for name, other in workflow["jobs"].items():
        if name != "release":
            assert not own & set(re.findall(r"secrets\.(\w+)", json.dumps(other)))
    for step in found["steps"]:
        assert len(set(re.findall(r"secrets\.(\w+)", json.dumps(step)))) <= 1
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in found["steps"] if "uses" in step)


@pytest.mark.parametrize(("forge", "target", "remote", "repository"), ON_FORGES)
def test_the_page_names_every_secret_and_how_it_is_limited(forge: str, target: Target, remote: str, repository: str) -> None:
    files = made(forge, target, remote, repository)
    text, page = next(iter(files.values())), files["docs/ci.md"]
    wanted = {"SERVICE_KEYS", "DEPLOY_KEY" if target is SERVER else "KUBE_CONFIG"}
    assert all(name in page and name in text for name in wanted), page
    assert ("restrict,port-forwarding" in page) == (target is SERVER) and ("deploy/ci/cluster.yaml" in files) == (target is CLUSTER)


def test_the_rights_for_a_cluster_are_those_of_its_objects_and_no_wildcard() -> None:
    objects = list(yaml.safe_load_all(made("github", CLUSTER, "", "ghcr.io/a/b")["deploy/ci/cluster.yaml"]))
    account, role, binding = objects
    assert {each["metadata"]["namespace"] for each in objects} == {"churn"}
    assert role["kind"] == "Role" and binding["roleRef"]["name"] == role["metadata"]["name"]
    assert account["automountServiceAccountToken"] is False and "*" not in json.dumps(role)
    allowed = {(group, kind) for rule in role["rules"] for group in rule["apiGroups"] for kind in rule["resources"]}
    assert {("apps", "deployments"), ("", "secrets"), ("", "services/proxy"), ("", "pods")} <= allowed


@pytest.mark.parametrize(
    ("tables", "expected"),
    [("", None), ("[tool.ferrata.ship.local]\nport = 9", None), ('[tool.ferrata.ship.a]\nhost = "a.example.org"', "a"),
     ('[tool.ferrata.ship.a]\nhost = "a"\n[tool.ferrata.ship.b]\nhost = "b"', ProjectError),
     ('[tool.ferrata.ci]\nship = "b"\n[tool.ferrata.ship.a]\nhost = "a"\n[tool.ferrata.ship.b]\nhost = "b"', "b"),
     ('[tool.ferrata.ci]\nship = ""\n[tool.ferrata.ship.a]\nhost = "a"', None),
     ('[tool.ferrata.ci]\nship = "x"\n[tool.ferrata.ship.a]\nhost = "a"', ProjectError),
     ('[tool.ferrata.ci]\nshop = "a"\n[tool.ferrata.ship.a]\nhost = "a"', ProjectError)],
)  # fmt: skip
def test_which_target_it_is(place: Place, tables: str, expected: Any) -> None:  # noqa: F811
    (place.project / "model").mkdir(exist_ok=True)
    about = signature("churn", "table", "classification", CHURN, {"type": "integer", "labels": None})
    (place.project / "model" / "signature.json").write_text(json.dumps(about))
    (place.project / about["function"]).parent.mkdir(parents=True, exist_ok=True)
    (place.project / about["function"]).touch()
    with (place.project / "pyproject.toml").open("a") as file:
        file.write(f"\n{tables}\n")
    if expected is ProjectError:
        with pytest.raises(ProjectError):
            ci("github", folder=place.project)
        assert not (place.project / ".github").exists()
        return
    ci("github", folder=place.project)
    text = (place.project / ".github" / "workflows" / "ferrata.yml").read_text()
    assert re.findall(r"ferrata ship (\S+)", text) == ([expected] if expected else [])


@pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="needs ssh-agent")
def test_the_key_of_ssh_is_never_a_file_and_gone_afterwards(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ferrata").write_text('#!/bin/sh\nssh-add -l > "$HOME/seen"; echo "$@ $SSH_AUTH_SOCK" >> "$HOME/seen"; exit 1\n')
    (programs / "ferrata").chmod(0o755)
    step = next(each for each in job("github", SERVER, "", "")["steps"] if "ferrata ship" in each.get("run", ""))
    given = {"DEPLOY_KEY": (tmp_path / "key").read_text().rstrip("\n"), "DEPLOY_KNOWN_HOSTS": "api.example.org ssh-ed25519 AAAA"}
    environment = {**os.environ, **given, "HOME": str(tmp_path), "PATH": f"{programs}:{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, capture_output=True, text=True)
    first, second = (tmp_path / "seen").read_text().splitlines()
    assert ran.returncode == 1 and "ED25519" in first and second.startswith("ship production ")
    agent, until = Path(second.split()[-1]), time.monotonic() + 10
    while agent.exists() and time.monotonic() < until:  # it is told to end, and takes a moment
        time.sleep(0.05)
    assert not agent.exists() and [file.name for file in (tmp_path / ".ssh").iterdir()] == ["known_hosts"]


@pytest.mark.slow
@pytest.mark.parametrize("forge", FORGES)
def test_the_schemas_and_the_auditor_find_nothing(forge: str, workflows_python: Path, tmp_path: Path) -> None:
    files = []
    for number, case in enumerate(CASES):
        path, text = next(iter(made(forge, *case).items()))
        files.append(tmp_path / str(number) / path)
        files[-1].parent.mkdir(parents=True)
        files[-1].write_text(text)
    assert_nothing_is_found(forge, files, workflows_python)


def test_a_target_without_a_domain_has_no_address_to_show() -> None:
    assert "url" not in job("github", replace(SERVER, domain=""), "", "")["environment"]
