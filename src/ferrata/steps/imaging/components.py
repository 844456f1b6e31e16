"""The list of components of an image (SBOM): CycloneDX 1.6 as JSON, the same for the same lock, model and base."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ferrata.records.image import Identity, Package

PLACE = "evidence/image.cdx.json"
_SPEC = "http://cyclonedx.org/schema/bom-1.6.schema.json"


def components(identity: Identity, packages: Sequence[Package], base: str) -> str:
    """https://cyclonedx.org/docs/1.6/json/"""
    found = [_model(identity), *map(_library, packages), _base(base)]
    name = f"{identity.name}/{identity.revision}/{identity.lock}/{identity.model}/{base}"
    about = {
        "$schema": _SPEC, "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "metadata": {
            "timestamp": datetime.fromtimestamp(identity.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": "service", "name": identity.name, "version": identity.revision},
        },
        "components": found, "dependencies": [{"ref": "service", "dependsOn": sorted(each["bom-ref"] for each in found)}],
    }  # fmt: skip
    return json.dumps(about, indent=2) + "\n"


def _library(package: Package) -> dict[str, Any]:
    """The hashes of the lock are those of files, of which one is installed: each is a distribution of this release."""
    reference = f"pkg:pypi/{package.name}@{package.version}"
    hashes = [{"alg": "SHA-256", "content": each.removeprefix("sha256:")} for each in package.hashes if each.startswith("sha256:")]
    files = [{"type": "distribution", "url": f"https://pypi.org/project/{package.name}/{package.version}/", "hashes": hashes}]
    return {"type": "library", "bom-ref": reference, "name": package.name, "version": package.version, "purl": reference, "externalReferences": files}


def _model(identity: Identity) -> dict[str, Any]:
    digest = [{"name": "org.ferrata.model", "value": identity.model}, {"name": "org.ferrata.data", "value": identity.data}]
    return {"type": "machine-learning-model", "bom-ref": "model", "name": identity.name, "version": identity.model[:12], "properties": digest}


def _base(base: str) -> dict[str, Any]:
    reference, _, digest = base.partition("@")
    name = re.sub(r":[^:/]+$", "", reference)
    version = reference.removeprefix(name).lstrip(":") or "latest"
    return {
        "type": "container", "bom-ref": "base", "name": name, "version": version, "hashes": [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}],
    }  # fmt: skip
