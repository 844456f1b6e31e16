"""ssh: a command as it runs on another machine. Nothing secret is ever part of a command line: files go over standard input."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
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
