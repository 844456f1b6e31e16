"""A target of kind `server`: any Debian or Ubuntu that ssh reaches. Containers of Docker or Podman behind a Caddy of the target's own.

What it needs and does not have is installed by apt, and shown before. Callers come by HTTPS: with a certificate of Let's Encrypt where the target has a
domain, else with one of Caddy's own authority, whose root callers are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from ferrata.errors import OutsideError
from ferrata.programs import caddy
from ferrata.programs.engines import Engine
from ferrata.records.command import Command
from ferrata.records.shipping import Act, Run, State, Target, Write
from ferrata.steps.shipping.hosts import Host
from ferrata.steps.shipping.machine import Machine

_PROGRAMS = ("docker", "podman", "caddy", "flock", "apt-get", "systemctl")
_LOOK = (
    'for name in "$@"; do command -v "$name" > /dev/null && echo "$name"; done; test -d /run/systemd/system && echo systemd; '
    "docker version > /dev/null 2>&1 && echo dockerd; true"
)


@dataclass(frozen=True)
class Found:
    """What the server has, of the programs above; `systemd` where it is what started the machine, `dockerd` where Docker answers."""

    names: frozenset[str]

    @property
    def has_systemd(self) -> bool:
        return "systemd" in self.names

    def engine(self, wanted: str) -> Engine:
        """The one that is asked for, else Docker where it answers, else Podman, which is installed where there is none."""
        name = wanted or ("docker" if "dockerd" in self.names else "podman")
        return Engine(name, name)

    def lacking(self, engine: Engine) -> tuple[str, ...]:
        """Packages of Debian and Ubuntu."""
        package = {"docker": "docker.io"}.get(engine.program, engine.program)
        needed = {engine.program: package, "caddy": "caddy", "flock": "util-linux"}
        return tuple(package for name, package in needed.items() if name not in self.names)


def look(host: Host) -> Found:
    outcome = host.run(Command(("sh", "-c", _LOOK, "look", *_PROGRAMS), why="Looking at what the server has", timeout=60))
    return Found(frozenset(outcome.output.split()))


def installed(target: Target, found: Found, engine: Engine) -> tuple[Act, ...]:
    """Acts that bring what is lacking. OutsideError where the server has no apt."""
    lacking = found.lacking(engine)
    if not lacking:
        return ()
    if "apt-get" not in found.names:
        raise OutsideError(f"The server lacks {', '.join(lacking)}, and has no apt-get", where=target.host, todo="Install them there, then do it again.")
    script = "export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; apt-get install -y -qq \"$@\""  # podman's network is among what it only recommends
    acts = [Run(Command(("sh", "-ec", script, "install", *lacking), why=f"Installing {', '.join(lacking)}", timeout=1800))]
    if "caddy" in lacking and found.has_systemd:
        acts.append(Run(caddy.disable_service("caddy.service"), may_fail=True))  # the package's own, with a page of its own at port 80
    if engine.program == "podman" and found.has_systemd:
        acts.append(Run(Command(("systemctl", "enable", "podman-restart.service"), why="Letting containers come back with the machine"), may_fail=True))
    return tuple(acts)


def machine(target: Target, found: Found, engine: Engine, fetched: tuple[Act, ...] = ()) -> Machine:
    def switched(state: State) -> tuple[Act, ...]:
        return (*_configured(target, found, state), Run(_reload(target, found)))

    def ended(state: State) -> tuple[Act, ...]:
        if found.has_systemd:
            removed = Command(("rm", "-f", f"/etc/systemd/system/{unit(target)}"), why="Removing the unit")
            return (Run(caddy.disable_service(unit(target)), may_fail=True), Run(removed, may_fail=True))
        return (Run(caddy.stop(_socket(target, found)), may_fail=True),)

    return Machine(target, engine, switched, ended, fetched, installed(target, found, engine))


def address(target: Target) -> str:
    port = "" if target.port == 443 else f":{target.port}"
    return f"https://{site(target)}{port}"


def site(target: Target) -> str:
    """The name that callers use: the domain, else the host as ssh knows it."""
    return target.domain or target.host.rpartition("@")[2].strip("[]")


def root_certificate(target: Target, found: Found) -> str:
    """Where Caddy's own authority keeps its root, on the server; "" where the certificate is a public one."""
    return "" if target.domain else f"{_storage(target, found)}/pki/authorities/local/root.crt"


def caddyfile(target: Target, found: Found, port: int) -> str:
    template = (files("ferrata.steps.shipping") / "templates" / "Caddyfile").read_text(encoding="utf-8")
    values = {
        "socket": _socket(target, found), "storage": _storage(target, found), "site": site(target), "port": str(target.port), "upstream": str(port),
        "redirects": "" if target.port == 443 else "\tauto_https disable_redirects\n", "tls": "" if target.domain else "\ttls internal\n",
    }  # fmt: skip
    for name, value in values.items():
        template = template.replace(f"<{name}>", value)
    return template


def unit(target: Target) -> str:
    return f"{target.folder.rpartition('/')[2]}-proxy.service"


def unit_text(target: Target) -> str:
    template = (files("ferrata.steps.shipping") / "templates" / "proxy.service").read_text(encoding="utf-8")
    return template.replace("<name>", unit(target).removesuffix(".service")).replace("<folder>", target.folder)


def _configured(target: Target, found: Found, state: State) -> tuple[Act, ...]:
    """Nothing is reloaded that Caddy cannot read."""
    place = f"{target.folder}/Caddyfile"
    port = state.serving.port if state.serving else 0
    new = (Write(f"{place}.next", caddyfile(target, found, port)), Run(caddy.validate(f"{place}.next")), Write(place, caddyfile(target, found, port)))
    if not found.has_systemd:
        return new
    return (*new, Write(f"/etc/systemd/system/{unit(target)}", unit_text(target)), Run(caddy.enable_service(unit(target))))


def _reload(target: Target, found: Found) -> Command:
    return caddy.reload_service(unit(target)) if found.has_systemd else caddy.reload_or_start(f"{target.folder}/Caddyfile", _socket(target, found))


def _socket(target: Target, found: Found) -> str:
    return f"/run/{unit(target).removesuffix('.service')}/admin.sock" if found.has_systemd else f"{target.folder}/admin.sock"


def _storage(target: Target, found: Found) -> str:
    return f"/var/lib/{unit(target).removesuffix('.service')}" if found.has_systemd else f"{target.folder}/caddy"
