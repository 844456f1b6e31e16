"""The API of a cluster, at a port of this machine: objects applied (server-side), read and deleted, and what became of a rollout.

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from ferrata.errors import OutsideError, ReleaseRefused
from ferrata.steps.shipping.manifests import MANAGER, PLACES, Object, place
from ferrata.world.loopback import Caller

_APPLY = "application/apply-patch+yaml"
_PAUSE = 0.5


class Cluster:
    def __init__(self, port: int, namespace: str) -> None:
        self.port, self.namespace = port, namespace

    def read(self, kind: str, name: str, *, may_be_refused: bool = False) -> Object | None:
        status, found = self._ask("GET", place(kind, self.namespace, name), may_be_refused=may_be_refused)
        return found if status == 200 else None

    def has_kserve(self) -> bool:
        """Whether it is there, or cannot be asked for."""
        prefix, _ = PLACES["InferenceService"]
        return self._ask("GET", f"/{prefix}", may_be_refused=True)[0] != 404

    def has_namespace(self) -> bool:
        """Whether it is there, or cannot be asked for."""
        status = self._ask("GET", f"/api/v1/namespaces/{self.namespace}", may_be_refused=True)[0]
        return status != 404

    def apply(self, made: Object) -> None:
        """OutsideError where the cluster refuses it: rights, quotas, policies."""
        where = place(made["kind"], self.namespace, made["metadata"]["name"])
        status, found = self._ask("PATCH", f"{where}?fieldManager={MANAGER}&force=true", made)
        if status not in (200, 201):
            raise OutsideError(f"The cluster refused {made['kind']} {made['metadata']['name']}", where=f"namespace {self.namespace}", todo=_message(found))

    def delete(self, kind: str, name: str) -> None:
        self._ask("DELETE", f"{place(kind, self.namespace, name)}?propagationPolicy=Background")

    def way(self, name: str) -> str:
        """The path under which the API leads to a Service."""
        return f"{place('Service', self.namespace, f'{name}:http')}/proxy"

    def wait(self, name: str, *, seconds: float) -> None:
        """Until all pods of a Deployment are of its newest form and ready. ReleaseRefused with what a pod says, where they do not come to be."""
        until = time.monotonic() + seconds
        while not is_rolled_out(found := self.read("Deployment", name) or {}):
            trouble = self._trouble(found) if has_given_up(found) or time.monotonic() > until else self._hopeless(found)
            if trouble:
                raise ReleaseRefused(f"{name} was not rolled out: {trouble}", where=f"namespace {self.namespace}", todo=f"kubectl describe deployment {name}")
            time.sleep(_PAUSE)

    def wait_taken(self, name: str, deployment: str, marks: Mapping[str, str], *, seconds: float) -> None:
        """Until KServe has brought an InferenceService to its Deployment. ReleaseRefused with what it says, where it does not."""
        until = time.monotonic() + seconds
        while not marks.items() <= _template(self.read("Deployment", deployment) or {}).get("annotations", {}).items():
            if time.monotonic() > until:
                said = _said(self.read("InferenceService", name) or {}) or f"KServe has not brought it to the Deployment {deployment} in {seconds:.0f} s"
                todo = f"kubectl describe inferenceservice {name}"
                raise ReleaseRefused(f"{name} was not rolled out: {said}", where=f"namespace {self.namespace}", todo=todo)
            time.sleep(_PAUSE)

    def _trouble(self, deployment: Object) -> str:
        return self._hopeless(deployment) or _said(deployment) or "its pods are not ready in time"

    def _hopeless(self, deployment: Object) -> str:
        """What a pod of its newest form cannot get over by waiting: an image that is not there, a container that crashes again and again."""
        release = _template(deployment).get("annotations", {})
        labels = deployment.get("spec", {}).get("selector", {}).get("matchLabels", {})
        selector = ",".join(f"{key}%3D{value}" for key, value in labels.items())
        status, pods = self._ask("GET", f"/api/v1/namespaces/{self.namespace}/pods?labelSelector={selector}")
        for pod in pods.get("items", ()) if status == 200 else ():
            is_its_own = release.items() <= pod.get("metadata", {}).get("annotations", {}).items()
            for each in pod.get("status", {}).get("containerStatuses", ()) if is_its_own else ():
                waiting = each.get("state", {}).get("waiting", {})
                if waiting.get("reason") in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CrashLoopBackOff", "CreateContainerConfigError"):
                    return f"{waiting['reason']}: {waiting.get('message', '')}"
        return ""

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, may_be_refused: bool = False) -> tuple[int, Any]:
        caller = Caller("127.0.0.1", self.port, seconds=60)
        try:
            status, found = caller.ask(method, path, None if body is None else json.dumps(body).encode(), _APPLY)
        finally:
            caller.close()
        if status in (401, 403) and not may_be_refused:
            raise OutsideError("The cluster does not let you do this", where=f"{method} {path.partition('?')[0]}", todo=_message(found))
        if status >= 500:
            todo = f"{_message(found)}\nTry it: kubectl get --namespace {self.namespace} deployments"
            raise OutsideError("The cluster cannot be reached, or does not answer", where=f"{method} {path.partition('?')[0]}", todo=todo)
        return status, found


def is_rolled_out(deployment: Mapping[str, Any]) -> bool:
    """As `kubectl rollout status` sees it."""
    status, wanted = deployment.get("status", {}), deployment.get("spec", {}).get("replicas", 1)
    if not deployment or status.get("observedGeneration", 0) < deployment.get("metadata", {}).get("generation", 1):
        return False
    counts = [status.get(name, 0) for name in ("updatedReplicas", "availableReplicas", "replicas")]
    return bool(counts[0] >= wanted and counts[1] >= wanted and counts[2] == counts[0])


def has_given_up(deployment: Mapping[str, Any]) -> bool:
    conditions = deployment.get("status", {}).get("conditions", ())
    return any(each.get("type") == "Progressing" and each.get("reason") == "ProgressDeadlineExceeded" for each in conditions)


def _template(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """Names and notes of its pods."""
    return dict(deployment.get("spec", {}).get("template", {}).get("metadata", {}))


def _said(made: Mapping[str, Any]) -> str:
    """What the conditions say that do not hold."""
    said = [each.get("message", "") for each in made.get("status", {}).get("conditions", ()) if each.get("status") != "True"]
    return "; ".join(filter(None, said))


def _message(found: Any) -> str:
    return str(found.get("message", found))[:1500] if isinstance(found, dict) else str(found)[:1500]
