"""The objects of Kubernetes: the restricted Pod Security Standard, the schemas of four minor versions, and Kustomize giving what is applied."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.shipping.fakes import release

from ferrata.records.shipping import Placed, Target
from ferrata.steps.shipping import kustomize, manifests

TARGET = Target(
    "prod", "kubernetes", "/t", namespace="churn", domain="api.example.org", replicas=2, issuer="letsencrypt", model="churn", settings={"SERVICE_RATE": "50"},
)  # fmt: skip
PLACED = Placed(release("a"), 3, 8000, "now")
PINNED = Placed(type(PLACED.release)(**{**PLACED.release.__dict__, "image": "registry.example.org/team/churn@sha256:" + "1" * 64}), 3, 8000, "now")


THROUGH = Target("edge", "kubernetes", "/t", namespace="churn", domain="api.example.org", gateway="infra/public", model="churn")


def test_a_route_through_a_gateway_stands_for_the_ingress() -> None:
    kinds = {each["kind"]: each for each in manifests.objects(THROUGH, "churn", PINNED)}
    assert "Ingress" not in kinds and "HTTPRoute" not in {each["kind"] for each in manifests.objects(TARGET, "churn", PINNED)}
    spec, service = kinds["HTTPRoute"]["spec"], kinds["Service"]
    assert (spec["parentRefs"][0]["namespace"], spec["parentRefs"][0]["name"], spec["hostnames"]) == ("infra", "public", ["api.example.org"])
    assert [(each["name"], each["port"]) for rule in spec["rules"] for each in rule["backendRefs"]] == [("churn", service["spec"]["ports"][0]["port"])]
    assert "httproute.yaml" in kustomize.files(THROUGH, PINNED)["deploy/overlays/edge/kustomization.yaml"]


def every() -> list[dict[str, Any]]:
    of_release = (*manifests.candidate(TARGET, "churn", PINNED), *manifests.objects(TARGET, "churn", PINNED))
    return [manifests.keys_secret(TARGET, "churn", 3, {"me": "hash"}), *of_release, manifests.state_map(TARGET, "churn", "{}")]


def restricted(pod: dict[str, Any]) -> list[str]:
    """What the restricted Pod Security Standard forbids and this pod does: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""
    found = [name for name in ("hostNetwork", "hostPID", "hostIPC") if pod.get(name)]
    volumes = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
    found += [f"volume {each['name']}" for each in pod.get("volumes", ()) if not set(each) - {"name"} <= volumes]
    of_pod = pod.get("securityContext", {})
    for each in (*pod.get("initContainers", ()), *pod["containers"]):
        own = each.get("securityContext", {})
        effective = {**of_pod, **own}
        found += ["privileged"] * bool(own.get("privileged")) + ["hostPort"] * any(port.get("hostPort") for port in each.get("ports", ()))
        found += ["escalation"] * (own.get("allowPrivilegeEscalation") is not False)
        found += ["root"] * (effective.get("runAsNonRoot") is not True or effective.get("runAsUser") == 0)
        found += ["seccomp"] * (effective.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"))
        dropped, added = own.get("capabilities", {}).get("drop", []), own.get("capabilities", {}).get("add", [])
        found += ["capabilities"] * ("ALL" not in dropped or bool(set(added) - {"NET_BIND_SERVICE"}))
    return found


@pytest.mark.parametrize(
    ("change", "says"),
    [({"hostNetwork": True}, "hostNetwork"), ({"securityContext": {}}, "seccomp"), ({"volumes": [{"name": "a", "hostPath": {"path": "/"}}]}, "volume a"),
     ({"containers": [{"name": "a"}]}, "capabilities")],
)  # fmt: skip
def test_the_policy_finds_what_it_should(change: dict[str, Any], says: str) -> None:
    pod = manifests.deployment(TARGET, "churn", PINNED, "serving")["spec"]["template"]["spec"]
    assert says in restricted({**pod, **change})


def test_every_pod_is_restricted_and_has_no_token() -> None:
    pods = [each["spec"]["template"]["spec"] for each in every() if each["kind"] == "Deployment"]
    pods.append(manifests.inference_service(TARGET, "churn", PINNED.release)["spec"]["predictor"])
    assert len(pods) == 3
    for pod in pods:
        assert restricted(pod) == [] and pod["automountServiceAccountToken"] is False
        container = pod["containers"][0]
        assert container["securityContext"]["readOnlyRootFilesystem"] and {"requests", "limits"} == set(container["resources"])


def test_no_caller_reaches_the_candidate() -> None:
    pod = manifests.deployment(TARGET, "churn", PINNED, "candidate")["spec"]["template"]["metadata"]["labels"]
    selector = manifests.service(TARGET, "churn", "serving")["spec"]["selector"]
    assert not selector.items() <= pod.items()
    assert selector.items() <= manifests.deployment(TARGET, "churn", PINNED, "serving")["spec"]["template"]["metadata"]["labels"].items()


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36", "1.37"])
def test_the_schemas_of_four_minor_versions_take_them(kubernetes_validate: Path, tmp_path: Path, version: str) -> None:
    place = tmp_path / "objects.yaml"
    place.write_text("---\n".join(yaml.safe_dump(each) for each in every()))
    said = subprocess.run([kubernetes_validate, "--strict", "-k", version, str(place)], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    place.write_text(place.read_text().replace("minReplicas", "leastReplicas"))
    assert subprocess.run([kubernetes_validate, "--strict", "-k", version, str(place)], capture_output=True).returncode != 0


def test_the_files_hold_no_key_and_are_the_same_again() -> None:
    found = kustomize.files(TARGET, PINNED)
    assert found == kustomize.files(TARGET, PINNED) and not [path for path, text in found.items() if "hash" in text.replace("hashes", "")]
    base = [text for path, text in found.items() if path.startswith("deploy/base/")]
    assert not [text for text in base if "prod" in text or "example.org" in text]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kustomize_gives_what_is_applied(tmp_path: Path) -> None:
    for path, text in kustomize.files(TARGET, PINNED).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    said = subprocess.run(["kubectl", "kustomize", str(tmp_path / "deploy" / "overlays" / "prod")], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    built = {each["kind"]: each for each in yaml.safe_load_all(said.stdout)}
    applied = {each["kind"]: each for each in manifests.objects(TARGET, "churn", PINNED)}
    assert set(built) == set(applied)
    for kind, expected in applied.items():
        assert built[kind] == expected, kind
