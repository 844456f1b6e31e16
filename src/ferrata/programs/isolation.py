"""A command that sees no network and not the author's folder: namespaces of Linux, which need no rights where the system allows them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ferrata.records.command import Command

# The loopback stays: libraries talk to their own workers over it. An empty read-only file system lies over what is hidden.
_LAUNCHER = """
import ctypes, fcntl, os, signal, socket, struct, sys

network, count = sys.argv[1], int(sys.argv[2])
hidden, command = sys.argv[3:3 + count], sys.argv[3 + count:]
libc = ctypes.CDLL(None, use_errno=True)
user, group = os.getuid(), os.getgid()


def check(status):
    if status != 0:
        sys.exit("isolation: " + os.strerror(ctypes.get_errno()))


def put(name, text):
    with open("/proc/self/" + name, "w") as file:
        file.write(text)


check(libc.unshare(0x10000000 | (0x20000 if hidden else 0) | (0x40000000 if network == "off" else 0)))
libc.prctl(1, signal.SIGKILL)
put("setgroups", "deny")
put("uid_map", f"{user} {user} 1")
put("gid_map", f"{group} {group} 1")
if network == "off":
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
if hidden:
    check(libc.mount(b"none", b"/", None, 0x4000 | 0x80000, None))
for path in hidden:
    check(libc.mount(b"tmpfs", os.fsencode(path), b"tmpfs", 1, b"size=4k"))
os.execvp(command[0], command)
"""


@dataclass(frozen=True)
class Isolation:
    """What a command is kept from: the network, and these folders."""

    is_offline: bool = False
    hidden: tuple[Path, ...] = ()

    @property
    def is_any(self) -> bool:
        return self.is_offline or bool(self.hidden)


def isolated(command: Command, isolation: Isolation) -> Command:
    if not isolation.is_any:
        return command
    network = "off" if isolation.is_offline else "on"
    options = (network, str(len(isolation.hidden)), *map(str, isolation.hidden))
    return replace(command, arguments=(sys.executable, "-I", "-S", "-c", _LAUNCHER, *options, *command.arguments))


def probe(isolation: Isolation) -> Command:
    """Ends with status 0 where the system allows it."""
    return isolated(Command(("true",), why="Seeing what the system allows", timeout=20), isolation)


def degrees(hidden: Sequence[Path]) -> tuple[Isolation, ...]:
    """What to try, the strictest first."""
    places = tuple(hidden)
    return tuple(dict.fromkeys((Isolation(True, places), Isolation(True), Isolation(False, places), Isolation())))
