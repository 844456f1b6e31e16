"""The machine of a target: this one, or one that ssh reaches. Commands, files, ports and the lock, the same way for both."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ferrata.errors import OutsideError, UsageError
from ferrata.programs import ssh
from ferrata.records.command import Command, Outcome
from ferrata.records.shipping import Run, Start, Target, Write
from ferrata.world import process
from ferrata.world.daemon import detached, held_open, started
from ferrata.world.disk import private_folder, remove_tree, write_whole
from ferrata.world.lock import Held, is_locked, locked
from ferrata.world.loopback import free_port, is_taken

_PROXY_SECONDS = 20.0
_NOBODY = "Another `ferrata ship` is at work there"


@dataclass(frozen=True)
class Failed:
    """What a command that failed was for, its status, and what it wrote last."""

    what: str
    status: int
    told: str


class Host(Protocol):
    def run(self, command: Command, *, on_line: Callable[[str], None] | None = None) -> Outcome: ...

    def shown(self, command: Command) -> Command:
        """As it is run from here."""

    def read(self, path: str) -> str:
        """"" where there is no such file."""

    def write(self, path: str, text: str, mode: int) -> None: ...

    def together(self, acts: Sequence[Write | Run], *, on_line: Callable[[str], None]) -> Failed | None:
        """One after the other, up to one that fails and must not."""

    def start(self, act: Start) -> None: ...

    def free_port(self) -> int: ...

    def reached(self, port: int) -> contextlib.AbstractContextManager[int]:
        """The port of this machine that leads to that port of the target's own."""

    def close(self) -> None:
        """Nothing is kept open any more."""

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """UsageError while somebody else ships there."""

    def removed(self) -> None:
        """What was written for the target is gone."""


class Here:
    """This machine."""

    def __init__(self, target: Target) -> None:
        self._folder = Path(target.folder)

    def run(self, command: Command, *, on_line: Callable[[str], None] | None = None) -> Outcome:
        return process.run(command, on_line=on_line)

    def shown(self, command: Command) -> Command:
        return command

    def read(self, path: str) -> str:
        try:
            return Path(path).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def write(self, path: str, text: str, mode: int) -> None:
        private_folder(Path(path).parent)
        write_whole(Path(path), text.encode())
        Path(path).chmod(mode)

    def together(self, acts: Sequence[Write | Run], *, on_line: Callable[[str], None]) -> Failed | None:
        return one_by_one(self, acts, on_line)

    def close(self) -> None:
        return

    def start(self, act: Start) -> None:
        lock = Path(act.lock)
        if lock.exists() and is_locked(lock):
            holder = json.loads(lock.read_text(encoding="utf-8") or "{}")
            if holder.get("port") == act.port:
                return
            os.kill(int(holder["process"]), signal.SIGTERM)  # it listens where the settings said before
            _wait_until(lambda: not is_locked(lock), "The proxy of before does not end", act.lock)
        if is_taken("127.0.0.1", act.port):
            todo = f"Take another one: [tool.ferrata.ship.NAME] port = {act.port + 1} in pyproject.toml."
            raise UsageError(f"Port {act.port} of 127.0.0.1 is taken by another program", where="port", todo=todo)
        detached(act.command, Path(act.log))
        _wait_until(lambda: is_taken("127.0.0.1", act.port), "The proxy does not start", act.log)

    def free_port(self) -> int:
        return free_port()

    @contextlib.contextmanager
    def reached(self, port: int) -> Iterator[int]:
        yield port

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        private_folder(self._folder)
        try:
            with locked(self._folder / "ship.lock"):
                yield
        except Held as held:
            raise UsageError(_NOBODY, where=held.who, todo="Wait for it to end.") from None

    def removed(self) -> None:
        lock = self._folder / "proxy.lock"
        if lock.exists() and is_locked(lock):
            with contextlib.suppress(ValueError, KeyError, ProcessLookupError):
                os.kill(int(json.loads(lock.read_text(encoding="utf-8"))["process"]), signal.SIGTERM)
        remove_tree(self._folder)


class Over:
    """A machine that ssh reaches. `control` is the socket of the one connection that is kept open."""

    def __init__(self, target: Target, control: Path) -> None:
        self._target, self._control = target, control
        self._ways: dict[int, int] = {}

    def run(self, command: Command, *, on_line: Callable[[str], None] | None = None) -> Outcome:
        return self._checked(process.run(self.shown(command), on_line=on_line))

    def shown(self, command: Command) -> Command:
        target = self._target
        bare = replace(command, environment={}, folder=None)
        return ssh.over(target.host, bare, options=target.ssh, control=self._control, sudo=target.sudo)

    def read(self, path: str) -> str:
        outcome = self.run(ssh.read(path))
        if outcome.status != 0:
            raise OutsideError(f"{path} cannot be read there", where=self._target.host, todo=outcome.error.strip())
        return outcome.output

    def write(self, path: str, text: str, mode: int) -> None:
        outcome = self._checked(process.run(self.shown(ssh.write(path, mode)), given=text))
        if outcome.status != 0:
            raise OutsideError(f"{path} cannot be written there", where=self._target.host, todo=outcome.error.strip())

    def together(self, acts: Sequence[Write | Run], *, on_line: Callable[[str], None]) -> Failed | None:
        """In one go: where the network is slow, or the machine busy, what takes time is to get there."""
        steps = [_step(act) for act in acts]
        given = "".join(act.text for act in acts if isinstance(act, Write))
        outcome = self._checked(process.run(self.shown(ssh.together(steps)), given=given, on_line=on_line))
        if outcome.status == 0:
            return None
        told = outcome.error.strip()[-1500:]
        try:
            number, status = ssh.failed(outcome.output)
        except ValueError:
            return Failed(steps[0].command.why, outcome.status, told)
        return Failed(steps[number].command.why or steps[number].command.arguments[0], status, told)

    def close(self) -> None:
        process.run(ssh.end(self._target.host, options=self._target.ssh, control=self._control))

    def start(self, act: Start) -> None:
        raise AssertionError("a server's proxy is a service of its system")

    def free_port(self) -> int:
        taken = {int(line, 16) for line in self.run(ssh.free_ports()).output.split() if line}
        return random.choice([port for port in range(18000, 20000) if port not in taken])

    @contextlib.contextmanager
    def reached(self, port: int) -> Iterator[int]:
        local = self._ways.get(port) or free_port()
        if port not in self._ways:
            asked = ssh.forward(self._target.host, local, port, options=self._target.ssh, control=self._control)
            if process.run(asked).status == 0:
                self._ways[port] = local
        if port in self._ways:
            yield local
            return
        with started(ssh.tunnel(self._target.host, local, port, options=self._target.ssh), seconds=5) as daemon:
            daemon.wait_until(lambda: is_taken("127.0.0.1", local), seconds=30)
            yield local

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        lock = self.shown(ssh.alone(f"{self._target.folder}/ship.lock"))
        with held_open(lock) as said:
            if said != "held":
                self._checked(process.run(self.shown(Command(("true",), why="Reaching the server", timeout=60))))
                raise UsageError(_NOBODY, where=self._target.host, todo="Wait for it to end.")
            yield

    def removed(self) -> None:
        self.run(ssh.remove_own(self._target.folder))

    def _checked(self, outcome: Outcome) -> Outcome:
        """255 is ssh's own: it did not get there."""
        if outcome.status == 255:
            todo = f"Try it: ssh {' '.join((*self._target.ssh, self._target.host))} true\n{outcome.error.strip()[-800:]}"
            raise OutsideError(f"{self._target.host} cannot be reached", where=f"target {self._target.name}", todo=todo)
        return outcome


def one_by_one(host: Host, acts: Sequence[Write | Run], on_line: Callable[[str], None]) -> Failed | None:
    for act in acts:
        if isinstance(act, Write):
            host.write(act.path, act.text, act.mode)
            continue
        outcome = host.run(act.command, on_line=on_line)
        if outcome.status != 0 and not act.may_fail:
            told = (outcome.error.strip() or outcome.output.strip())[-1500:]
            return Failed(act.command.why or act.command.arguments[0], outcome.status, told)
    return None


def _step(act: Write | Run) -> ssh.Step:
    if isinstance(act, Write):
        return ssh.Step(ssh.write(act.path, act.mode), len(act.text.encode()))
    return ssh.Step(replace(act.command, environment={}, folder=None), None, act.may_fail)


def host_of(target: Target, control: Path) -> Host:
    return Over(target, control) if target.kind == "server" else Here(target)


def proxy_start(target: Target) -> Start:
    command = Command((sys.executable, f"{target.folder}/proxy.py", target.folder, str(target.port)), why="Starting the proxy")
    return Start(command, target.port, f"{target.folder}/proxy.lock", f"{target.folder}/proxy.log")


def _wait_until(is_so: Callable[[], bool], what: str, where: str) -> None:
    until = time.monotonic() + _PROXY_SECONDS
    while not is_so():
        if time.monotonic() > until:
            raise OutsideError(what, where=where, todo="See what it wrote there.")
        time.sleep(0.05)
