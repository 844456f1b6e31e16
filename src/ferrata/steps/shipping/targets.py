"""The targets of a project: `local`, which is always there, and those of `[tool.ferrata.ship.NAME]` in pyproject.toml."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ferrata.errors import ProjectError, UsageError
from ferrata.records.shipping import Kind, Target

LOCAL: Literal["local"] = "local"
_KINDS: Mapping[str, Mapping[str, type]] = {
    "local": {"port": int, "keep": int, "engine": str, "network": str, "settings": dict},
    "server": {
        "host": str, "ssh": list, "domain": str, "port": int, "folder": str, "sudo": bool, "keep": int, "engine": str, "network": str, "settings": dict,
    },
    "kubernetes": {
        "context": str, "namespace": str, "domain": str, "replicas": int, "issuer": str, "gateway": str, "kserve": bool, "keep": int, "settings": dict,
    },
}  # fmt: skip
_RESERVED = {"host", "port", "keys", "commit"}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


def targets(project: Path, tables: Mapping[str, Any], model: str) -> dict[str, Target]:
    """By name. ProjectError for a setting that is not known, or of another kind."""
    found = {name: _target(project, name, table, model) for name, table in tables.items()}
    return {LOCAL: _target(project, LOCAL, {}, model), **found}


def chosen(known: Mapping[str, Target], name: str) -> Target:
    if name not in known:
        todo = f"It has {', '.join(known)}. Another one is a table of pyproject.toml: [tool.ferrata.ship.{name}], see docs/ship.md."
        raise UsageError(f"This project has no target {name}", where="TARGET", todo=todo)
    return known[name]


def slug(name: str) -> str:
    """As containers, folders and Kubernetes take it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "model"


def _target(project: Path, name: str, table: Any, model: str) -> Target:
    where = f"{project / 'pyproject.toml'}, [tool.ferrata.ship.{name}]"
    if not isinstance(table, dict) or not _NAME.fullmatch(name):
        raise ProjectError(f"{name} is no target", where=where, todo="A target is a table whose name has small letters, digits and dashes.")
    kind: Kind = LOCAL if name == LOCAL else table.get("kind", "server")
    if kind not in _KINDS:
        raise ProjectError(f"The kind {kind!r} is not known", where=where, todo=f"It is one of {', '.join(_KINDS)}.")
    given = {key: value for key, value in table.items() if key != "kind"}
    _look(given, kind, where)
    folder = given.pop("folder", "") or (f"/srv/{slug(model)}-{name}" if kind == "server" else _local_folder(project, model, name))
    if reserved := sorted(_RESERVED & set(given.get("settings", {}))):
        todo = "Where a release listens and which keys it knows is decided by `ferrata ship`."
        raise ProjectError(f"{', '.join(reserved)} cannot be set for a target", where=where, todo=todo)
    settings = {f"SERVICE_{key.upper()}": str(value) for key, value in given.pop("settings", {}).items()}
    ports = {} if "port" in given or kind == LOCAL else {"port": 443 if given.get("domain") else 8443}
    model = slug(model)
    if kind == "kubernetes":
        given.setdefault("namespace", model)
    made = Target(name, kind, folder, **{**ports, **given, "ssh": tuple(given.get("ssh", ())), "settings": settings, "model": model})
    if made.gateway and not (made.domain and re.fullmatch(r"[a-z0-9.-]+/[a-z0-9.-]+", made.gateway)):
        todo = 'It is NAMESPACE/NAME of a Gateway of the cluster, and a route through it needs a domain: gateway = "infra/public", domain = "api.example.org".'
        raise ProjectError(f"The gateway is {made.gateway!r}" + ("" if made.domain else ", and there is no domain"), where=where, todo=todo)
    if made.kserve and (own := [each for each in ("domain", "issuer", "gateway") if given.get(each)]):
        todo = "Which way callers come to an InferenceService is decided by KServe: its ingress, its domain, its certificate. Remove one of the two."
        raise ProjectError(f"{' and '.join(own)} cannot be set together with kserve", where=where, todo=todo)
    if kind == "server" and not re.fullmatch(r"(/[\w.@+-]+){2,}", made.folder) or "/.." in made.folder:
        raise ProjectError(f"{made.folder} is no folder of its own", where=where, todo="Take one that nothing else is in: folder = \"/srv/churn\".")
    if kind == "server" and not re.fullmatch(r"[\w.@:\[\]-]+", made.host):
        raise ProjectError("It is not said which host", where=where, todo='Set it as ssh takes it: host = "deploy@api.example.org".')
    return made


def _look(given: Mapping[str, Any], kind: str, where: str) -> None:
    known = _KINDS[kind]
    for key, value in given.items():
        if key not in known:
            raise ProjectError(f"There is no setting {key} for a target of kind {kind}", where=where, todo=f"The settings are {', '.join(known)}.")
        if not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool)):
            raise ProjectError(f"{key} is {value!r}, and no {known[key].__name__}", where=where, todo="See docs/ship.md.")


def _local_folder(project: Path, model: str, name: str) -> str:
    """One for each project and target of this user; where programs keep what they need to go on, by the XDG base directory specification."""
    import hashlib

    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    own = base / "ferrata" / f"{slug(model)}-{hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:8]}"
    return str(own if name == LOCAL else own / name)
