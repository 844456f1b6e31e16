"""The objects of Kubernetes: the restricted Pod Security Standard, the schemas of four minor versions, and Kustomize giving what is applied."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.shipping.api_server import OF_KSERVE as OF_A_PREDICTOR
from tests.shipping.fakes import release

from ferrata.flow.cluster_shipping import plan
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


OF_KSERVE = Target("ml", "kubernetes", "/t", namespace="churn", model="churn", kserve=True, settings={"SERVICE_RATE": "50"})


def predicting() -> dict[str, Any]:
    """The predictor without what KServe adds to a pod."""
    return {key: value for key, value in manifests.inference_service(OF_KSERVE, "churn", PINNED)["spec"]["predictor"].items() if key not in OF_A_PREDICTOR}


def test_an_inference_service_is_the_same_pod_and_stands_for_what_kserve_makes() -> None:
    made = {each["kind"]: each for each in manifests.objects(OF_KSERVE, "churn", PINNED)}
    assert set(made) == {"ServiceAccount", "NetworkPolicy", "PodDisruptionBudget", "InferenceService"} and list(made)[-1] == "InferenceService"
    plain, own = manifests.deployment(OF_KSERVE, "churn", PINNED, "serving")["spec"]["template"], predicting()
    ours, theirs = plain["spec"].pop("containers")[0], own.pop("containers")[0]
    assert own == plain["spec"] and theirs.pop("env") == [*ours.pop("env"), {"name": "PROTOCOL", "value": "v2"}]
    assert {**theirs, "name": "service"} == ours
    predictor = made["InferenceService"]["spec"]["predictor"]
    for selector in (made["NetworkPolicy"]["spec"]["podSelector"], made["PodDisruptionBudget"]["spec"]["selector"]):
        assert selector["matchLabels"].items() <= predictor["labels"].items()
    assert predictor["annotations"] == manifests.marks(PINNED)


def test_the_plan_shows_the_inference_service(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ferrata.image]\nrepository = "registry.example.org/team/churn"\n')
    page = plan(tmp_path, OF_KSERVE)
    made = [f"{each['kind']} {each['metadata']['name']}" for each in page.data["objects"]]
    assert made[-1] == "InferenceService churn" and "Deployment churn" not in made and "Deployment churn-candidate" in made
    assert page.data["objects"][-1]["spec"]["predictor"]["containers"][0]["image"] == "registry.example.org/team/churn@DIGEST"
    assert "deploy/overlays/ml/inferenceservice.yaml" in page.data["files"] and not [path for path in page.data["files"] if "/base/" in path]


def every() -> list[dict[str, Any]]:
    of_release = (*manifests.candidate(TARGET, "churn", PINNED), *manifests.objects(TARGET, "churn", PINNED))
    as_pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "predictor"}, "spec": predicting()}
    return [manifests.keys_secret(TARGET, "churn", 3, {"me": "hash"}), as_pod, *of_release, manifests.state_map(TARGET, "churn", "{}")]


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
    pods.append(predicting())
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
@pytest.mark.parametrize("target", [TARGET, OF_KSERVE])
def test_kustomize_gives_what_is_applied(tmp_path: Path, target: Target) -> None:
    for path, text in kustomize.files(target, PINNED).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    said = subprocess.run(["kubectl", "kustomize", str(tmp_path / "deploy" / "overlays" / target.name)], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    built = {each["kind"]: each for each in yaml.safe_load_all(said.stdout)}
    applied = {each["kind"]: each for each in manifests.objects(target, "churn", PINNED)}
    assert set(built) == set(applied)
    for kind, expected in applied.items():
        assert built[kind] == expected, kind
