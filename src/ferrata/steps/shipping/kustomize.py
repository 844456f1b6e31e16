"""The same objects as files of the project, for Kustomize and for who applies them by other means (Argo CD, Flux, `kubectl apply --kustomize`).

deploy/base has what is common to all targets, deploy/overlays/TARGET the image by its digest, names and sizes. Hashes of keys are in neither: the Secret
is made by `ferrata ship`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ferrata.records.shipping import Placed, Target
from ferrata.steps.shipping import manifests

_HEAD = "# Written by `ferrata ship`.\n"
_INSTANCE = "app.kubernetes.io/instance"
_OF_A_TARGET = ("Ingress", "HTTPRoute", "HorizontalPodAutoscaler")


def files(target: Target, placed: Placed) -> dict[str, str]:
    """{path in the project: content}"""
    return _of_kserve(target, placed) if target.kserve else _of_deployment(target, placed)


def _of_kserve(target: Target, placed: Placed) -> dict[str, str]:
    """An overlay of its own: an image in an InferenceService is none that Kustomize knows, and the base has what KServe makes itself."""
    made = manifests.objects(target, target.model, placed)
    folder = f"deploy/overlays/{target.name}"
    found = {f"{folder}/{_file(each)}": _text(each) for each in made}
    return {**found, f"{folder}/kustomization.yaml": _text(_kustomization(resources=sorted(_file(each) for each in made)))}


def _of_deployment(target: Target, placed: Placed) -> dict[str, str]:
    name = target.model
    common = replace(target, name="base", namespace="", settings={})
    plain = replace(placed, release=replace(placed.release, image=name, id="none", commit="none", model="none"))
    base = [_bare(each) for each in manifests.objects(common, name, plain) if each["kind"] not in _OF_A_TARGET]
    own = [each for each in manifests.objects(target, name, placed) if each["kind"] in _OF_A_TARGET]
    found = {f"deploy/base/{_file(each)}": _text(each) for each in base}
    found["deploy/base/kustomization.yaml"] = _text(_kustomization(resources=sorted(_file(each) for each in base)))
    folder = f"deploy/overlays/{target.name}"
    found |= {f"{folder}/{_file(each)}": _text(each) for each in own}
    found[f"{folder}/release.yaml"] = _text(_patch(target, placed))
    repository, _, digest = placed.release.image.partition("@")
    overlay = _kustomization(
        resources=["../../base", *sorted(_file(each) for each in own)], namespace=target.namespace, patches=[{"path": "release.yaml"}],
        images=[{"name": name, "newName": repository, "digest": digest}],
        labels=[{"pairs": {_INSTANCE: target.name}, "includeSelectors": True, "includeTemplates": True}],
    )  # fmt: skip
    found[f"{folder}/kustomization.yaml"] = _text(overlay)
    return found


def _patch(target: Target, placed: Placed) -> dict[str, Any]:
    """What of the Deployment is the release's own (a strategic merge)."""
    whole = manifests.deployment(target, target.model, placed, "serving")
    template = whole["spec"]["template"]
    keys = [each for each in template["spec"]["volumes"] if each["name"] == "keys"]
    container = {"name": "service", "env": template["spec"]["containers"][0]["env"]}
    pod = {"metadata": {"annotations": template["metadata"]["annotations"]}, "spec": {"volumes": keys, "containers": [container]}}
    about = {"name": target.model, "annotations": whole["metadata"]["annotations"]}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about, "spec": {"template": pod}}


def _bare(made: dict[str, Any]) -> dict[str, Any]:
    """Without namespace and target, which the overlay gives."""
    return {key: _without(value) for key, value in made.items()}


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(item) for key, item in value.items() if key not in (_INSTANCE, "namespace")}
    return [_without(item) for item in value] if isinstance(value, list) else value


def _kustomization(**parts: Any) -> dict[str, Any]:
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **parts}


def _file(made: dict[str, Any]) -> str:
    return f"{made['kind'].lower()}.yaml"


def _text(made: dict[str, Any]) -> str:
    import yaml

    return _HEAD + str(yaml.safe_dump(made, sort_keys=False, width=140))
