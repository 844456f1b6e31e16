"""A small API server of Kubernetes, on loopback: objects are applied, read and deleted; Deployments are rolled out as their image lets them; Services lead to
what is rolled out. Written from https://kubernetes.io/docs/reference/; it shows the order of what is asked, not what a real cluster adds to it: admission,
quotas, scheduling, the time that a pod takes, and drains under load.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import re
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_OBJECT = re.compile(r"/(?:api/v1|apis/[\w.]+/v\d\w*)/namespaces/(?P<namespace>[^/]+)/(?P<plural>\w+)/(?P<name>[^/?:]+)$")
OF_KSERVE = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget", "deploymentStrategy", "labels", "annotations"}  # the rest of a predictor is a pod
_WAY = re.compile(r"/api/v1/namespaces/[^/]+/services/(?P<name>[^/:]+):http/proxy(?P<path>/.*)$")


@dataclass
class World:
    """`faults`: image to what is wrong with it: pull, crash, stuck, predictions, model. `rolled`: what each Deployment's pods are of."""

    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    rolled: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    has_namespace: bool = True
    has_kserve: bool = True
    is_kserve_idle: bool = False
    is_forbidden: bool = False
    is_down: bool = False

    def apply(self, plural: str, name: str, made: dict[str, Any]) -> dict[str, Any]:
        before = self.objects.get((plural, name), {})
        if before.get("immutable") and before.get("stringData") != made.get("stringData"):
            raise PermissionError("it is immutable")
        generation = before.get("metadata", {}).get("generation", 0) + (before.get("spec") != made.get("spec"))
        made = {**made, "metadata": {**made["metadata"], "generation": generation}}
        self.objects[plural, name] = made
        if plural == "deployments":
            self._roll(name, made)
        if plural == "inferenceservices" and not self.is_kserve_idle:
            self._reconcile(name, made)
        return made

    def _reconcile(self, name: str, made: dict[str, Any]) -> None:
        """What KServe makes of a predictor in its mode `Standard`, as its reconcilers do: https://github.com/kserve/kserve/tree/v0.20.0/pkg/controller/v1beta1"""
        predictor, own = made["spec"]["predictor"], f"{name}-predictor"
        labels = {**made["metadata"]["labels"], **predictor["labels"], "app": f"isvc.{own}"}
        about = {"name": own, "labels": labels, "annotations": {**made["metadata"]["annotations"], **predictor["annotations"]}}
        pod = {key: value for key, value in predictor.items() if key not in OF_KSERVE}
        selector = {"app": f"isvc.{own}"}
        spec = {"selector": {"matchLabels": selector}, "strategy": predictor["deploymentStrategy"], "template": {"metadata": about, "spec": pod}}
        port = pod["containers"][0]["ports"][0]
        ports = [{"name": port["name"], "port": 80, "targetPort": port["containerPort"]}]
        self.apply("services", own, {"metadata": about, "spec": {"selector": selector, "ports": ports}})
        self.apply("deployments", own, {"metadata": about, "spec": spec})

    def delete(self, plural: str, name: str) -> bool:
        if plural == "deployments":
            self.rolled.pop(name, None)
        if plural == "inferenceservices":  # the garbage collector
            self.delete("deployments", f"{name}-predictor")
            self.delete("services", f"{name}-predictor")
        return self.objects.pop((plural, name), None) is not None

    def _roll(self, name: str, made: dict[str, Any]) -> None:
        fault = self.faults.get(image_of(made), "")
        if fault not in ("pull", "crash", "stuck"):
            self.rolled[name] = made

    def read(self, plural: str, name: str) -> dict[str, Any] | None:
        found = self.objects.get((plural, name))
        if found and plural == "inferenceservices":
            late = {"type": "PredictorReady", "status": "Unknown", "message": "it is on its way"}
            return {**found, "status": {"conditions": [late]} if self.is_kserve_idle else {"url": f"http://{name}.example.com"}}
        if found is None or plural != "deployments":
            return found
        is_done = self.rolled.get(name, {}).get("spec") == found["spec"]
        counts = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1} if is_done else {"replicas": 2, "updatedReplicas": 1, "availableReplicas": 1}
        late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "it took too long"}
        conditions = [late] if self.faults.get(image_of(found)) == "stuck" else []
        return {**found, "status": {"observedGeneration": found["metadata"]["generation"], **counts, "conditions": conditions}}

    def pods(self) -> list[dict[str, Any]]:
        reasons = {"pull": "ImagePullBackOff", "crash": "CrashLoopBackOff"}
        made = [made for (plural, _), made in self.objects.items() if plural == "deployments"]
        waiting = [(each, {"reason": reason, "message": "it says why"}) for each in made if (reason := reasons.get(self.faults.get(image_of(each), "")))]
        return [{"metadata": each["spec"]["template"]["metadata"], "status": {"containerStatuses": [{"state": {"waiting": said}}]}} for each, said in waiting]

    def behind(self, service: str) -> dict[str, Any] | None:
        """The Deployment whose pods a Service leads to."""
        selector = self.objects.get(("services", service), {}).get("spec", {}).get("selector")
        if selector is None:
            return None
        return next((made for made in self.rolled.values() if selector.items() <= made["spec"]["template"]["metadata"]["labels"].items()), None)

    def serving(self, service: str = "churn") -> str:
        found = self.behind(service)
        return image_of(found) if found else ""

    def answer(self, service: str, path: str, key: str, body: bytes) -> tuple[int, Any]:
        made = self.behind(service)
        if made is None:
            return 503, {"message": "no endpoints available"}
        if path == "/readyz":
            return 200, {"status": "ready"}
        pod = made["spec"]["template"]["spec"]
        secret = next(each["secret"]["secretName"] for each in pod["volumes"] if each["name"] == "keys")
        known = json.loads(self.objects["secrets", secret]["stringData"]["keys.json"])
        if hashlib.sha256(key.encode()).hexdigest() not in known.values():
            return 401, {"title": "no key"}
        fault = self.faults.get(image_of(made))
        if path == "/version":
            return 200, {"model": "other" if fault == "model" else made["metadata"]["annotations"]["ferrata.org/model"]}
        rows = json.loads(body)
        answers = [{"prediction": "wrong" if fault == "predictions" else row["x"]} for row in (rows if isinstance(rows, list) else [rows])]
        return 200, answers if isinstance(rows, list) else answers[0]


def image_of(deployment: dict[str, Any]) -> str:
    return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def handler(world: World) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # one packet for an answer

        def _handle(self) -> None:
            path = urllib.parse.unquote(self.path.partition("?")[0])
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, found = self._answered(path, body)
            except PermissionError as error:
                status, found = 422, {"message": str(error)}
            text = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _answered(self, path: str, body: bytes) -> tuple[int, Any]:
            if world.is_down:
                return 502, "dial tcp: connection refused"
            if world.is_forbidden:
                return 403, {"message": "user may not do this"}
            if way := _WAY.match(path):
                return world.answer(way["name"], way["path"], self.headers.get("X-API-Key", ""), body)
            if path.endswith("/pods"):
                return 200, {"items": world.pods()}
            found = _OBJECT.match(path)
            if found is None:
                return (200 if (world.has_kserve if "kserve" in path else world.has_namespace) else 404), {}
            plural, name = found["plural"], found["name"]
            if self.command == "GET":
                made = world.read(plural, name)
                return (200, made) if made else (404, {"message": "not found"})
            world.asked.append((self.command, f"{plural}/{name}"))
            if self.command == "PATCH":
                assert self.headers["Content-Type"] == "application/apply-patch+yaml" and "fieldManager=ferrata" in self.path
                return 200, world.apply(plural, name, json.loads(body))
            return (200, {}) if world.delete(plural, name) else (404, {})

        do_GET = do_PATCH = do_DELETE = do_POST = _handle

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@contextlib.contextmanager
def running(world: World) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(world))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
