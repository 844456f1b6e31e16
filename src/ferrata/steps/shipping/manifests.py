"""The objects of Kubernetes that a release is there: plain, restricted (Pod Security Standard), with probes, limits and no way out of the network."""

from __future__ import annotations

import json
from typing import Any

from ferrata.records.shipping import Placed, Release, State, Target

Object = dict[str, Any]
MANAGER = "ferrata"
RELEASE = "ferrata.org/release"
ROLE = "ferrata.org/role"
NUMBER = "ferrata.org/number"
_PORT = 8000
_USER = 10001  # as in the Dockerfile
_DRAIN_SECONDS = 45  # five until nobody sends requests any more, and the service's own limit
_BUSY = 70  # percent of the requested CPU, above which there are more pods
_STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
# The group's path in the API and the plural of the kind.
PLACES = {
    "ServiceAccount": ("api/v1", "serviceaccounts"), "Secret": ("api/v1", "secrets"), "ConfigMap": ("api/v1", "configmaps"),
    "Service": ("api/v1", "services"), "Deployment": ("apis/apps/v1", "deployments"), "PodDisruptionBudget": ("apis/policy/v1", "poddisruptionbudgets"),
    "HorizontalPodAutoscaler": ("apis/autoscaling/v2", "horizontalpodautoscalers"), "NetworkPolicy": ("apis/networking.k8s.io/v1", "networkpolicies"),
    "Ingress": ("apis/networking.k8s.io/v1", "ingresses"), "HTTPRoute": ("apis/gateway.networking.k8s.io/v1", "httproutes"),
    "InferenceService": ("apis/serving.kserve.io/v1beta1", "inferenceservices"),
}  # fmt: skip


def place(kind: str, namespace: str, name: str) -> str:
    """The path of an object in the API."""
    prefix, plural = PLACES[kind]
    return f"/{prefix}/namespaces/{namespace}/{plural}/{name}"


def objects(target: Target, name: str, placed: Placed) -> tuple[Object, ...]:
    """All of a release, in the order in which they are applied; what runs it last."""
    around = (_account(target, name), _network_policy(target, name), _budget(target, name))
    return (*around, *(() if target.kserve else _ways(target, name)), workload(target, name, placed))


def _ways(target: Target, name: str) -> tuple[Object, ...]:
    """What KServe would make itself: how it is scaled, and how callers come to it."""
    way = _route(target, name) if target.gateway else _ingress(target, name)
    return (_scaler(target, name), service(target, name, "serving"), *((way,) if target.domain else ()))


def workload(target: Target, name: str, placed: Placed) -> Object:
    """What runs the release that serves."""
    return inference_service(target, name, placed) if target.kserve else deployment(target, name, placed, "serving")


def behind(target: Target, name: str) -> str:
    """The name of the Deployment and the Service of what serves; KServe makes them of an InferenceService."""
    return f"{name}-predictor" if target.kserve else name


def marks(placed: Placed) -> dict[str, str]:
    """What tells the pods of one placing from those of another, the same release with other keys included."""
    return {RELEASE: placed.release.id, NUMBER: str(placed.number)}


def candidate(target: Target, name: str, placed: Placed) -> tuple[Object, ...]:
    """One pod of it that no caller reaches, to be proved first."""
    return (_account(target, name), _network_policy(target, name), service(target, name, "candidate"), deployment(target, name, placed, "candidate"))


def deployment(target: Target, name: str, placed: Placed, role: str) -> Object:
    """The number of pods is the autoscaler's, and so not said here; a candidate is one."""
    spec: Object = {
        "selector": {"matchLabels": _labels(target, name, role)}, "revisionHistoryLimit": target.keep, "progressDeadlineSeconds": 600,
        "strategy": _STRATEGY,
        "template": {"metadata": {"labels": _labels(target, name, role), "annotations": {RELEASE: placed.release.id}}, "spec": _pod(target, name, placed)},
    }  # fmt: skip
    about = _about(placed.release)
    return _object("apps/v1", "Deployment", target, name if role == "serving" else f"{name}-candidate", spec=spec, annotations=about)


def _about(release: Release) -> dict[str, str]:
    return {RELEASE: release.id, "ferrata.org/commit": release.commit, "ferrata.org/model": release.model}


def service(target: Target, name: str, role: str) -> Object:
    ports = [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    spec = {"type": "ClusterIP", "selector": _labels(target, name, role), "ports": ports}
    return _object("v1", "Service", target, name if role == "serving" else f"{name}-candidate", spec=spec)


def keys_secret(target: Target, name: str, number: int, keys: dict[str, str]) -> Object:
    """Hashes of the API keys; another one for each release, so that going back brings back the keys of then."""
    made = _object("v1", "Secret", target, f"{name}-keys-{number}")
    return {**made, "type": "Opaque", "immutable": True, "stringData": {"keys.json": json.dumps(keys)}}


def state_map(target: Target, name: str, text: str) -> Object:
    return {**_object("v1", "ConfigMap", target, f"{name}-releases"), "data": {"state.json": text}}


def inference_service(target: Target, name: str, placed: Placed) -> Object:
    """For a cluster that has KServe: the same pod, of which KServe makes a Deployment, a Service, an autoscaler and its own way in.

    https://kserve.github.io/website/docs/reference/crd-api: a predictor is a pod, its container has this name, and PROTOCOL says that it speaks the Open
    Inference Protocol. Labels and annotations of the predictor go to the Deployment and its pods. An older KServe than 0.16 has another name for the mode
    `Standard` and refuses the strategy without it.
    """
    pod = _pod(target, name, placed)
    container = pod["containers"][0]
    speaks = [*container["env"], {"name": "PROTOCOL", "value": "v2"}]
    scale = {"minReplicas": target.replicas, "maxReplicas": target.replicas * 3, "scaleMetric": "cpu", "scaleTarget": _BUSY, "deploymentStrategy": _STRATEGY}
    marked = {"labels": _labels(target, name, "serving"), "annotations": marks(placed)}
    predictor = {**scale, **marked, **pod, "containers": [{**container, "name": "kserve-container", "env": speaks}]}
    about = {**_about(placed.release), "serving.kserve.io/deploymentMode": "Standard"}
    return _object("serving.kserve.io/v1beta1", "InferenceService", target, name, spec={"predictor": predictor}, annotations=about)


def _pod(target: Target, name: str, placed: Placed) -> Object:
    variables = {"SERVICE_KEYS": "/run/keys/keys.json", **target.settings}
    probes = {
        "startupProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 5, "failureThreshold": 60, "timeoutSeconds": 5},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 5, "failureThreshold": 2, "timeoutSeconds": 5},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10, "failureThreshold": 6, "timeoutSeconds": 5},
    }  # fmt: skip
    wait = ["/venv/bin/python", "-c", "import time; time.sleep(5)"]
    container: Object = {
        "name": "service", "image": placed.release.image, "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": _PORT, "protocol": "TCP"}], "env": [{"name": key, "value": value} for key, value in variables.items()],
        **probes, "lifecycle": {"preStop": {"exec": {"command": wait}}}, **_contained(),
    }  # fmt: skip
    container["volumeMounts"].append({"name": "keys", "mountPath": "/run/keys", "readOnly": True})
    keys = {"name": "keys", "secret": {"secretName": f"{name}-keys-{placed.number}", "defaultMode": 0o440}}
    spread = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
    return {
        "serviceAccountName": name, "automountServiceAccountToken": False, "enableServiceLinks": False, "terminationGracePeriodSeconds": _DRAIN_SECONDS,
        "securityContext": _of_pod(), "containers": [container], "volumes": [keys, {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}],
        "topologySpreadConstraints": [{**spread, "labelSelector": {"matchLabels": _labels(target, name, "serving")}}],
    }  # fmt: skip


def _of_pod() -> Object:
    user = {"runAsNonRoot": True, "runAsUser": _USER, "runAsGroup": _USER, "fsGroup": _USER}
    return {**user, "seccompProfile": {"type": "RuntimeDefault"}}


def _contained() -> Object:
    security = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}}
    resources = {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"cpu": "2", "memory": "2Gi"}}
    return {"securityContext": security, "resources": resources, "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}


def _account(target: Target, name: str) -> Object:
    return {**_object("v1", "ServiceAccount", target, name), "automountServiceAccountToken": False}


def _network_policy(target: Target, name: str) -> Object:
    """Callers may come to the port of the service; it calls nobody."""
    spec = {
        "podSelector": {"matchLabels": _own(target, name)}, "policyTypes": ["Ingress", "Egress"], "ingress": [{"ports": [{"port": "http", "protocol": "TCP"}]}],
        "egress": [],
    }  # fmt: skip
    return _object("networking.k8s.io/v1", "NetworkPolicy", target, name, spec=spec)


def _budget(target: Target, name: str) -> Object:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": _labels(target, name, "serving")}}
    return _object("policy/v1", "PodDisruptionBudget", target, name, spec=spec)


def _scaler(target: Target, name: str) -> Object:
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": _BUSY}}}
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    spec = {"scaleTargetRef": reference, "minReplicas": target.replicas, "maxReplicas": target.replicas * 3, "metrics": [metric]}
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", target, name, spec=spec)


def _ingress(target: Target, name: str) -> Object:
    backend = {"service": {"name": name, "port": {"name": "http"}}}
    rule = {"host": target.domain, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    spec = {"tls": [{"hosts": [target.domain], "secretName": f"{name}-tls"}], "rules": [rule]}
    issuer = {"cert-manager.io/cluster-issuer": target.issuer} if target.issuer else {}
    return _object("networking.k8s.io/v1", "Ingress", target, name, spec=spec, annotations=issuer)


def _route(target: Target, name: str) -> Object:
    """Through a Gateway that others keep, and whose listener ends TLS: https://gateway-api.sigs.k8s.io/api-types/httproute/"""
    namespace, _, gateway = target.gateway.partition("/")
    spec = {
        "parentRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": namespace, "name": gateway}], "hostnames": [target.domain],
        "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}], "backendRefs": [{"kind": "Service", "name": name, "port": 80}]}],
    }  # fmt: skip
    return _object("gateway.networking.k8s.io/v1", "HTTPRoute", target, name, spec=spec)


def _object(version: str, kind: str, target: Target, name: str, *, spec: Object | None = None, annotations: dict[str, str] | None = None) -> Object:
    about: Object = {"name": name, "namespace": target.namespace, "labels": {**_own(target, target.model), "app.kubernetes.io/managed-by": MANAGER}}
    if annotations:
        about["annotations"] = annotations
    return {"apiVersion": version, "kind": kind, "metadata": about, **({"spec": spec} if spec is not None else {})}


def _own(target: Target, name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": target.name}


def _labels(target: Target, name: str, role: str) -> dict[str, str]:
    return {**_own(target, name), ROLE: role}


def kept(state: State, new: Placed, keep: int) -> tuple[Placed, ...]:
    """The last releases, the new one last, each once."""
    return (*(each for each in state.placed if each.release.id != new.release.id), new)[-max(keep, 2) :]
