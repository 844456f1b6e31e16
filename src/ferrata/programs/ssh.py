"""ssh: a command as it runs on another machine. Nothing secret is ever part of a command line: files go over standard input."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ferrata.records.command import Command

_OPTIONS = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4")
_SESSION = ("SSH_AUTH_SOCK", "HOME", "USER", "LOGNAME")


def over(host: str, command: Command, *, options: Sequence[str] = (), control: Path | None = None, sudo: bool = False) -> Command:
    """The same command there, by one connection that is kept open (`control`: its socket)."""
    words = ("sudo", "-n", *command.arguments) if sudo else command.arguments
    return Command(("ssh", *_shared(control), *_OPTIONS, *options, host, shlex.join(words)), None, _environment(), command.why, command.timeout)


def tunnel(host: str, local: int, remote: int, *, options: Sequence[str] = ()) -> Command:
    """A port of this machine that leads to one of that machine's own, while it runs."""
    forward = ("-N", "-o", "ExitOnForwardFailure=yes", "-L", f"127.0.0.1:{local}:127.0.0.1:{remote}")
    return Command(("ssh", *forward, *_OPTIONS, *options, host), None, _environment(), f"Reaching port {remote} of {host}")


def forward(host: str, local: int, remote: int, *, options: Sequence[str] = (), control: Path) -> Command:
    """The same through the connection that is kept open, for as long as that is; another status than 0 where there is none."""
    asked = ("-S", str(control), "-O", "forward", "-L", f"127.0.0.1:{local}:127.0.0.1:{remote}")
    return Command(("ssh", *asked, *_OPTIONS, *options, host), None, _environment(), f"Reaching port {remote} of {host}", 30)


def end(host: str, *, options: Sequence[str] = (), control: Path) -> Command:
    """The connection that was kept open is no more."""
    return Command(("ssh", "-S", str(control), "-O", "exit", *options, host), None, _environment(), "Ending the connection", 30)


@dataclass(frozen=True)
class Step:
    """One command of several that go over together. `size`: how many bytes of what comes by standard input are for it, None for none of them."""

    command: Command
    size: int | None = None
    may_fail: bool = False


def together(steps: Sequence[Step]) -> Command:
    """One after the other, with one connection. What the first that fails is (from 0) and its status are all of standard output.

    Each is told on standard error before it begins: when nobody listens any more, because we were killed, this ends the script there.
    """
    lines = [_told(number, step) for number, step in enumerate(steps)]
    limits = [step.command.timeout for step in steps]
    timeout = None if None in limits else sum(limit for limit in limits if limit is not None)
    return Command(("sh", "-c", "\n".join(lines)), why=f"{len(steps)} steps, {steps[0].command.why} first", timeout=timeout)


def _told(number: int, step: Step) -> str:
    given = "" if step.size is None else f"head -c {step.size} | "
    done = f"{given}{shlex.join(step.command.arguments)}{' < /dev/null' if step.size is None else ''} >&2"
    otherwise = "true" if step.may_fail else f'{{ echo "{number} $?"; exit 1; }}'
    return f"echo {shlex.quote(step.command.why or step.command.arguments[0])} >&2\n{done} || {otherwise}"


def failed(output: str) -> tuple[int, int]:
    """(which one, its status) of what `together` wrote; ValueError where that is nothing of the kind."""
    number, status = output.split()
    return int(number), int(status)


def write(path: str, mode: int) -> Command:
    """What comes by standard input becomes the file, whole or not at all; its folder is made, for its owner and those who may pass through."""
    folder = os.path.dirname(path)
    draft = f"{path}.new"
    script = "umask 077; mkdir -p -m 0711 -- \"$1\" && cat > \"$2\" && chmod \"$4\" -- \"$2\" && mv -f -- \"$2\" \"$3\""
    return Command(("sh", "-ec", script, "write", folder, draft, path, f"{mode:o}"), why=f"Writing {path}", timeout=120)


def read(path: str) -> Command:
    """The file on standard output; nothing where there is none."""
    return Command(("sh", "-c", 'test ! -e "$1" || cat -- "$1"', "read", path), why=f"Reading {path}", timeout=60)


def alone(path: str) -> Command:
    """Holds the lock for as long as its standard input is open, and says so; status 1 where somebody else has it."""
    script = 'mkdir -p -m 0711 -- "$(dirname -- "$1")" && exec flock --nonblock --conflict-exit-code 1 -- "$1" sh -c "echo held; cat > /dev/null"'
    return Command(("sh", "-ec", script, "alone", path), why="Making sure that nobody else ships there")


def remove_own(folder: str) -> Command:
    """What `ferrata ship` has written into the folder goes, and the folder if nothing else is in it; anything else stays."""
    ours = "state.json keys-*.json rows-*.jsonl Caddyfile Caddyfile.* proxy.* ship.lock admin.sock *-https.service *-switch.service"
    script = f'cd -- "$1" 2>/dev/null || exit 0; rm -f -- {ours} .ship.lock; rm -rf -- caddy; cd /; rmdir -- "$1" 2>/dev/null || true'
    return Command(("sh", "-c", script, "remove", folder), why="Removing the folder", timeout=60)


def free_ports() -> Command:
    """The ports that are listened at there, one a line, as hexadecimal."""
    script = "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == \"0A\" {print $2}' | sed 's/.*://'"  # proc(5): local address, state 0A listens
    return Command(("sh", "-c", script), why="Looking for a free port", timeout=30)


def _shared(control: Path | None) -> tuple[str, ...]:
    return ("-o", "ControlMaster=auto", "-o", f"ControlPath={control}", "-o", "ControlPersist=30") if control else ()


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _SESSION if name in os.environ}
