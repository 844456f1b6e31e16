"""The way of callers to what serves at a target, as this machine can look at it, and the way of an image to the target."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ferrata.errors import OutsideError
from ferrata.programs import engines
from ferrata.programs.engines import Engine
from ferrata.records.command import Command
from ferrata.records.image import Image
from ferrata.records.shipping import Act, Run, Send, Target
from ferrata.steps.shipping import server
from ferrata.steps.shipping.hosts import Host
from ferrata.world.disk import write_whole
from ferrata.world.loopback import Caller, says_ready

_PATIENCE = 90.0  # seconds in which a new proxy must have a certificate


class Way(Protocol):
    def version(self, key: str) -> dict[str, Any]:
        """What `/version` says to callers; {} where they are refused."""

    def is_ready(self) -> bool:
        """Whether callers reach a model that answers."""

    def fetched(self, image: Image, builder: Engine) -> tuple[Act, ...]:
        """Acts that bring the image to the target."""

    def told(self, project: Path) -> tuple[str, ...]:
        """What callers must know besides the address."""


@dataclass(frozen=True)
class LocalWay:
    target: Target

    def version(self, key: str) -> dict[str, Any]:
        return _version(Caller("127.0.0.1", self.target.port, key=key, seconds=30))

    def is_ready(self) -> bool:
        return says_ready(Caller("127.0.0.1", self.target.port, seconds=10))

    def fetched(self, image: Image, builder: Engine) -> tuple[Act, ...]:
        return ()

    def told(self, project: Path) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class ServerWay:
    """Through ssh to the port of the proxy, by the name that callers use: neither names nor firewalls on the way decide whether it works there."""

    target: Target
    host: Host
    found: server.Found
    engine: Engine
    _known: list[str] = field(default_factory=list)

    def version(self, key: str) -> dict[str, Any]:
        """With patience: a certificate may have to be fetched first."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                with self._caller(key) as caller:
                    return _version(caller)
            except OutsideError as error:
                if time.monotonic() > until:
                    todo = "For a domain: its name must lead to the server, and the ports 80 and 443 must be open, so that a certificate can be had."
                    raise OutsideError(f"Callers cannot reach it: {error.what}", where=server.address(self.target), todo=todo) from error
                time.sleep(0.5)

    def is_ready(self) -> bool:
        try:
            with self._caller("") as caller:
                return says_ready(caller)
        except OutsideError:
            return False

    def fetched(self, image: Image, builder: Engine) -> tuple[Act, ...]:
        """From the registry by its digest, else packed here and unpacked there."""
        if image.pinned:
            return (Run(engines.pull(self.engine, image.pinned)),)
        packed = engines.save_stream(builder, image.reference)
        unpacked = self.host.shown(engines.load_stream(self.engine))
        script = f"{shlex.join(packed.arguments)} | {shlex.join(unpacked.arguments)}"
        variables = {**packed.environment, **unpacked.environment}
        return (Send(Command(("sh", "-ec", script), None, variables, "Sending the image", engines.TRANSFER_SECONDS)),)

    def told(self, project: Path) -> tuple[str, ...]:
        authority = self._authority()
        if not authority:
            return ()
        place = f"evidence/ca-{self.target.name}.crt"
        write_whole(project / place, authority.encode())
        return (f"Its certificate is of an authority of its own. Callers need {place}: curl --cacert {place} {server.address(self.target)}/readyz",)

    @contextmanager
    def _caller(self, key: str) -> Iterator[Caller]:
        with self.host.reached(self.target.port) as port:
            caller = Caller("127.0.0.1", port, key=key, seconds=30, site=server.site(self.target), authority=self._authority())
            try:
                yield caller
            finally:
                caller.close()

    def _authority(self) -> str:
        """"" for a public certificate; Caddy makes its own authority once, as it starts for the first time."""
        place = server.root_certificate(self.target, self.found)
        if place and not self._known:
            self._known.extend(filter(None, [self.host.read(place)]))
        return self._known[0] if self._known else ""


def _version(caller: Caller) -> dict[str, Any]:
    try:
        status, found = caller.get("/version")
        return found if status == 200 and isinstance(found, dict) else {}
    finally:
        caller.close()
