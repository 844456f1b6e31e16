"""Which container engine is used, and what its refusals mean."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from ferrata.errors import FerrataError, OutsideError, ProgramMissing, ProjectError
from ferrata.programs import engines
from ferrata.programs.engines import Engine
from ferrata.records.command import Outcome
from ferrata.world import process

_INSTALL = "Install one: podman (https://podman.io/docs/installation) or Docker (https://docs.docker.com/engine/install/). `ferrata doctor` says what is here."
_REFUSED = re.compile(r"unauthorized|authentication required|denied|no basic auth|incorrect username|401|403", re.IGNORECASE)
_UNKNOWN_CERTIFICATE = re.compile(r"x509|certificate", re.IGNORECASE)


def choose(builder: str = "") -> Engine:
    """The one that is asked for, else the first that can be used now: docker, podman, buildah."""
    found = [name for name in ((builder,) if builder else engines.BUILDERS) if shutil.which(name)]
    if not found:
        what = f"{builder} is not installed" if builder else "There is no container engine here"
        raise ProgramMissing(what, where="--builder" if builder else "", todo=_INSTALL)
    told = ""
    for name in found:
        outcome = process.run(engines.answers(name))
        if outcome.status == 0:
            return _engine(name)
        told = told or f"{name}: {outcome.error.strip()[-500:]}"
    raise OutsideError(f"{' and '.join(found)} cannot be used", todo=f"{told}\nStart it, or see whether you may use it.")


def _engine(name: str) -> Engine:
    if name == "buildah" and not shutil.which("podman"):
        todo = "Install podman beside it: buildah only builds."
        raise ProgramMissing("podman is not installed, which runs what buildah has built", where="--builder", todo=todo)
    has_buildkit = name == "docker" and process.run(engines.buildkit()).status == 0
    return Engine(name, "docker" if name == "docker" else "podman", has_buildkit)


def look(engine: Engine, reference: str) -> dict[str, Any] | None:
    """What the engine knows of an image; None where it has none of that name."""
    outcome = process.run(engines.inspect(engine, reference))
    if outcome.status != 0:
        return None
    found: dict[str, Any] = json.loads(outcome.output)[0]
    found["Id"] = "sha256:" + str(found["Id"]).removeprefix("sha256:")
    return found


def digest_of_base(engine: Engine, base: str, platform: str) -> str:
    """What the registry calls the base at this moment. ProjectError where no registry has it: an image on it could not be made again."""
    outcome = process.run(engines.pull(engine, base, platform=platform))
    if outcome.status != 0:
        raise refusal(outcome, f"The base {base} cannot be had", base)
    if digest := digest_in(look(engine, base) or {}, base):
        return digest
    todo = "Push it to a registry, and name it there: base = \"registry.example.org/NAME:TAG\"."
    raise ProjectError(f"The base {base} is in no registry, so that it has no digest to hold it by", where="[tool.ferrata.image] base", todo=todo)


def digest_in(found: dict[str, Any], reference: str) -> str:
    """The digest of the repository of this reference. Where there are two, one is of a list for several machines: the one that is not the image's own."""
    name = repository_of(reference)
    digests = [each.partition("@")[2] for each in found.get("RepoDigests") or () if repository_of(each) == name]
    return next((each for each in digests if each != found.get("Digest")), digests[0]) if digests else ""


def repository_of(reference: str) -> str:
    """The name without tag and digest, written out as a registry knows it."""
    name = re.sub(r":[^:/]+$", "", reference.partition("@")[0])
    host, _, rest = name.partition("/")
    if not rest or not re.search(r"[.:]|^localhost$", host):
        host, rest = "docker.io", name
    return f"{host}/{rest if host != 'docker.io' or '/' in rest else f'library/{rest}'}"


def host_of(reference: str) -> str:
    return repository_of(reference).partition("/")[0]


def refusal(outcome: Outcome, what: str, reference: str) -> FerrataError:
    """A registry's refusal, with what to do about it."""
    told, program = (outcome.error.strip() or outcome.output.strip())[-1500:], outcome.command.arguments[0]
    host = host_of(reference)
    if _UNKNOWN_CERTIFICATE.search(told):
        todo = f"Give the engine the registry's CA: {certificates(program, host)}/ca.crt.\n{told}"
        return OutsideError(f"{what}: the certificate of {host} is not trusted", where=reference, todo=todo)
    if _REFUSED.search(told):
        return OutsideError(f"{what}: {host} refused the login", where=reference, todo=f"Log in, then do it again: {program} login {host}\n{told}")
    return OutsideError(what, where=reference, todo=told or f"Run it by hand: {' '.join(outcome.command.arguments)}")


def not_built(outcome: Outcome, place: Path) -> FerrataError:
    """What the engine said, and what to do where the registry has another base by now."""
    told = (outcome.error.strip() + "\n" + outcome.output.strip())[-2500:]
    if "manifest unknown" in told:
        told = f"The registry has the base under this digest no more. Take the one that it has now: ferrata image build --fresh-base\n{told}"
    return OutsideError(f"{outcome.command.arguments[0]} could not build the image", where=str(place), todo=told)


def certificates(program: str, host: str) -> Path:
    return Path("/etc/docker/certs.d" if program == "docker" else "/etc/containers/certs.d") / host
