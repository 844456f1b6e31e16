"""Who ships to a cluster without a person: a ServiceAccount that may do in its namespace what `ferrata ship` does there, and nothing else."""

from __future__ import annotations

from typing import Any

from ferrata.records.shipping import Target
from ferrata.steps.shipping.manifests import PLACES

_HEAD = "# Written by `ferrata ci`: the rights that `ferrata ship` takes in this namespace.\n"
_VERBS = ["get", "create", "patch", "delete"]
_LOOKED_AT = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}  # why a pod does not start
_REPLAYED = {"apiGroups": [""], "resources": ["services/proxy"], "verbs": ["get", "create"]}  # the rows of the proof


def path(target: Target) -> str:
    return f"deploy/ci/{target.name}.yaml"


def text(target: Target) -> str:
    import yaml

    return _HEAD + "---\n".join(yaml.safe_dump(each, sort_keys=False, width=140) for each in objects(target))


def objects(target: Target) -> tuple[dict[str, Any], ...]:
    """ServiceAccount, Role and the binding of one to the other."""
    name = f"{target.model}-ci"
    about = {"name": name, "namespace": target.namespace}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": about,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": target.namespace}],
    }  # fmt: skip
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": about, "rules": [*_rules(), _LOOKED_AT, _REPLAYED]}
    return ({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": about, "automountServiceAccountToken": False}, role, binding)


def _rules() -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = {}
    for prefix, plural in PLACES.values():
        groups.setdefault(prefix.split("/")[1] if prefix.startswith("apis/") else "", []).append(plural)
    return [{"apiGroups": [group], "resources": kinds, "verbs": _VERBS} for group, kinds in groups.items()]
