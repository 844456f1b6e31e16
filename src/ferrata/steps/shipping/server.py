"""A target of kind `server`: any Debian or Ubuntu that ssh reaches. Containers of Docker or Podman, before them the switch, and a Caddy of the target's own.

The switch is the proxy of the target `local`: replacing the state is all that a switch takes. A reload of Caddy would close the connections that callers keep,
and a request that is on its way over one would be lost; so Caddy is reloaded only when its own settings change.

What it needs and does not have is installed by apt, and shown before. Callers come by HTTPS: with a certificate of Let's Encrypt where the target has a
domain, else with one of Caddy's own authority, whose root callers are given.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from ferrata.errors import OutsideError
from ferrata.programs import caddy
from ferrata.programs.engines import Engine
from ferrata.records.command import Command
from ferrata.records.shipping import Act, Run, State, Target, Write
from ferrata.steps.shipping.hosts import Host
from ferrata.steps.shipping.local import proxy_text
from ferrata.steps.shipping.machine import Machine

_PROGRAMS = ("docker", "podman", "caddy", "flock", "python3", "apt-get", "systemctl")
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
        needed = {engine.program: package, "caddy": "caddy", "flock": "util-linux", "python3": "python3"}
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
    return tuple(acts)


def machine(target: Target, found: Found, engine: Engine, fetched: tuple[Act, ...] = ()) -> Machine:
    def switched(state: State) -> tuple[Act, ...]:
        place, program = f"{target.folder}/Caddyfile", f"{target.folder}/proxy.py"
        written = (Write(f"{program}.next", proxy_text(), says="the switch"), Write(f"{place}.next", caddyfile(target, found)))
        running = _units(target, place, program) if found.has_systemd else _programs(target, found, place, program)
        if found.has_systemd and engine.program == "podman":  # Docker's containers come back by themselves
            running = (Run(caddy.comes_back(), may_fail=True), *running)
        return (*written, Run(caddy.validate(place)), *running)

    def ended(state: State) -> tuple[Act, ...]:
        if not found.has_systemd:
            return (Run(caddy.stop_caddy(_socket(target, found)), may_fail=True), Run(caddy.stop_switch(target.folder), may_fail=True))
        units = (unit(target, "https"), unit(target, "switch"))
        removed = Command(("rm", "-f", *(f"/etc/systemd/system/{each}" for each in units)), why="Removing the units")
        return (*(Run(caddy.disable_service(each), may_fail=True) for each in units), Run(removed, may_fail=True))

    return Machine(target, engine, switched, ended, fetched, installed(target, found, engine))


def _units(target: Target, place: str, program: str) -> tuple[Act, ...]:
    acts: list[Act] = []
    for kind, configuration in (("switch", program), ("https", place)):
        text = f"{target.folder}/{unit(target, kind)}"
        acts += [Write(text, unit_text(target, kind)), Run(caddy.unit_runs(configuration, unit(target, kind), text))]
    return tuple(acts)


def _programs(target: Target, found: Found, place: str, program: str) -> tuple[Act, ...]:
    return (Run(caddy.switch_runs(program, target.folder, inner_port(target))), Run(caddy.caddy_runs(place, _socket(target, found))))


def inner_port(target: Target) -> int:
    """Where the switch listens, on the server's own 127.0.0.1: one for each target."""
    return 17000 + zlib.crc32(target.folder.encode()) % 1000


def address(target: Target) -> str:
    port = "" if target.port == 443 else f":{target.port}"
    return f"https://{site(target)}{port}"


def site(target: Target) -> str:
    """The name that callers use: the domain, else the host as ssh knows it."""
    return target.domain or target.host.rpartition("@")[2].strip("[]")


def root_certificate(target: Target, found: Found) -> str:
    """Where Caddy's own authority keeps its root, on the server; "" where the certificate is a public one."""
    return "" if target.domain else f"{_storage(target, found)}/pki/authorities/local/root.crt"


def caddyfile(target: Target, found: Found) -> str:
    values = {
        "socket": _socket(target, found), "storage": _storage(target, found), "site": site(target), "port": str(target.port),
        "upstream": str(inner_port(target)),
        "redirects": "" if target.port == 443 else "\tauto_https disable_redirects\n", "tls": "" if target.domain else "\ttls internal\n",
    }  # fmt: skip
    return _filled("Caddyfile", values)


def unit(target: Target, kind: str) -> str:
    """`kind`: https or switch."""
    return f"{_name(target)}-{kind}.service"


def unit_text(target: Target, kind: str) -> str:
    return _filled(f"{kind}.service", {"name": f"{_name(target)}-{kind}", "folder": target.folder, "port": str(inner_port(target))})


def _name(target: Target) -> str:
    return target.folder.rstrip("/").rpartition("/")[2]


def _filled(template: str, values: Mapping[str, str]) -> str:
    text = (files("ferrata.steps.shipping") / "templates" / template).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"<{name}>", value)
    return text


def _socket(target: Target, found: Found) -> str:
    return f"/run/{_name(target)}-https/admin.sock" if found.has_systemd else f"{target.folder}/admin.sock"


def _storage(target: Target, found: Found) -> str:
    return f"/var/lib/{_name(target)}-https" if found.has_systemd else f"{target.folder}/caddy"
